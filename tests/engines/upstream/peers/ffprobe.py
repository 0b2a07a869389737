"""As much of ffprobe as SGLang asks: `python ffprobe.py … -i FILE` prints the streams as JSON."""

import json
import sys

import av

with av.open(sys.argv[-1]) as container:
    streams = [
        {"codec_type": "video", "width": s.width, "height": s.height, "avg_frame_rate": str(s.average_rate),
         "r_frame_rate": str(s.average_rate), "nb_frames": str(s.frames), "sample_aspect_ratio": "1:1",
         "duration": str(float(s.duration * s.time_base)) if s.duration else "N/A"}
        for s in container.streams.video
    ] + [
        {"codec_type": "audio", "sample_rate": str(s.rate), "channels": s.channels,
         "duration": str(float(s.duration * s.time_base)) if s.duration else "N/A"}
        for s in container.streams.audio
    ]  # fmt: skip
    seconds = container.duration / av.time_base if container.duration else 0
    print(json.dumps({"streams": streams, "format": {"format_name": container.format.name, "duration": str(seconds)}}))
