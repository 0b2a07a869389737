// The Vercel AI SDK with its provider for ByteDance, which speaks Ark.
import dns from 'node:dns';
import fs from 'node:fs';
import { createByteDance } from '@ai-sdk/bytedance';
import * as ai from 'ai';
import { ADDRESS, KEY, PICTURE, PROMPT, check, step } from './steps.mjs';

const generateVideo = ai.experimental_generateVideo ?? ai.generateVideo;
const provider = createByteDance({ baseURL: ADDRESS + '/api/v3', apiKey: KEY });
const model = provider.video('dreamina-seedance-2-0-mini-260615');
const options = { providerOptions: { bytedance: { pollIntervalMs: 300 } } };

await step('the provider: create, poll, its link', async () => {
  const answer = await model.doGenerate({
    prompt: PROMPT, n: 1, aspectRatio: '16:9', resolution: '864x496', duration: 4, ...options, headers: {},
  });
  check(answer.videos.length === 1 && answer.videos[0].type === 'url', answer.videos);
  const content = Buffer.from(await (await fetch(answer.videos[0].url)).arrayBuffer());
  check(content.subarray(0, 16).includes('ftyp'), 'no MP4');
});
await step('experimental_generateVideo, whose link is a private address', async () => {
  const { video } = await generateVideo({ model, prompt: PROMPT, aspectRatio: '16:9', duration: 4, ...options });
  check(Buffer.from(video.uint8Array).subarray(0, 16).includes('ftyp'), 'no MP4');
});
async function download({ url }) {
  const answer = await fetch(url);
  return { data: new Uint8Array(await answer.arrayBuffer()), mediaType: answer.headers.get('content-type') };
}

for (const [name, prompt] of [
  ['of text', PROMPT],
  ['of a picture', { image: new Uint8Array(fs.readFileSync(PICTURE)), text: PROMPT }],
]) {
  await step(`experimental_generateVideo ${name} with a download of its caller`, async () => {
    const { video } = await generateVideo({ model, prompt, aspectRatio: '16:9', duration: 4, download, ...options });
    check(Buffer.from(video.uint8Array).subarray(0, 16).includes('ftyp'), 'no MP4');
  });
}

// A name that looks public and that only this program resolves, to the same server: links have the name that was asked by.
const { port } = new URL(ADDRESS);
const lookup = dns.lookup;
dns.lookup = (name, how, done) => {
  const answer = done ?? how;
  if (name !== 'videos.example.com') return lookup(name, how, done);
  return how?.all ? answer(null, [{ address: '127.0.0.1', family: 4 }]) : answer(null, '127.0.0.1', 4);
};
await step("experimental_generateVideo, whose link's name resolves to a private address", async () => {
  const named = createByteDance({ baseURL: `http://videos.example.com:${port}/api/v3`, apiKey: KEY });
  const { video } = await generateVideo({
    model: named.video('dreamina-seedance-2-0-mini-260615'), prompt: PROMPT, aspectRatio: '16:9', duration: 4, ...options,
  });
  check(Buffer.from(video.uint8Array).subarray(0, 16).includes('ftyp'), 'no MP4');
});
