// Browsers start no worker for a page that was opened from a file, and the search of this site is one. Below file: it runs in a frame.
if (location.protocol === "file:") {
  class FrameWorker extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      const inside = this.frame.contentWindow;
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      // A worker waits for each script; here each is an element of the frame, one after the other.
      inside.importScripts = (...urls) => urls.reduce((before, each) => before.then(() => this.load(each)), Promise.resolve());
      inside.IFrameWorker = FrameWorker;
      this.ready = this.load(new URL(url, document.baseURI).href);
    }

    load(url) {
      return new Promise((done, failed) => {
        const script = this.frame.contentDocument.createElement("script");
        script.src = url;
        script.onload = () => done();
        script.onerror = () => failed(new Error(`${url} cannot be read`));
        this.frame.contentDocument.head.append(script);
      });
    }

    postMessage(data) {
      this.ready.then(() => {
        const inside = this.frame.contentWindow;
        inside.dispatchEvent(new inside.MessageEvent("message", { data }));
      });
    }

    terminate() {
      this.frame.remove();
    }
  }
  // The search asks its frame's parent whether it runs in one.
  window.IFrameWorker = FrameWorker;
  window.Worker = FrameWorker;
}
