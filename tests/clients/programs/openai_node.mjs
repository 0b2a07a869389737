// The official package `openai` for Node.
import fs from 'node:fs';
import OpenAI from 'openai';
import { ADDRESS, BROKEN_ADDRESS, BROKEN_KEY, KEY, PICTURE, PROMPT, check, counted, fetching, step } from './steps.mjs';

const client = new OpenAI({ baseURL: ADDRESS + '/v1', apiKey: KEY, fetch: fetching });
const ASKED = { model: 'seedance-2.0-mini', prompt: PROMPT, seconds: '4', size: '1280x720' };

async function ended(id) {
  for (let tries = 0; tries < 300; tries++) {
    const video = await client.videos.retrieve(id);
    if (video.status === 'completed' || video.status === 'failed') {
      check(video.status === 'completed', video);
      return video;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('it does not end');
}

async function refused(call, kind, code) {
  const before = counted.requests;
  try {
    await call();
  } catch (error) {
    check(error instanceof kind && error.code === code, `${error}`);
    check(counted.requests - before === 1, `${counted.requests - before} requests`);
    return;
  }
  throw new Error('no error');
}

async function downloaded(id, variant, head) {
  const content = Buffer.from(await (await client.videos.downloadContent(id, { variant })).arrayBuffer());
  check(content.subarray(0, 16).includes(head), content.subarray(0, 16).toString('latin1'));
}

const video = await step('videos.create', async () => {
  const created = await client.videos.create(ASKED);
  check(created.object === 'video' && created.status === 'queued' && created.seconds === '4', created);
  return created;
});
if (video) {
  await step('videos.retrieve until completed', () => ended(video.id));
  await step('videos.downloadContent', () => downloaded(video.id, 'video', 'ftyp'));
  await step('videos.downloadContent thumbnail', () => downloaded(video.id, 'thumbnail', 'WEBP'));
}
const other = await step('videos.create with a picture', async () => {
  const created = await client.videos.create({ ...ASKED, input_reference: fs.createReadStream(PICTURE) });
  return await ended(created.id);
});
await step('videos.list, page by page', async () => {
  const ids = [];
  for await (const each of client.videos.list({ limit: 1 })) ids.push(each.id);
  check(ids.includes(video.id) && new Set(ids).size === ids.length, ids);
});
if (video) {
  await step('videos.remix', async () => {
    const remix = await client.videos.remix(video.id, { prompt: 'the cat wears a hat' });
    check(remix.remixed_from_video_id === video.id, remix);
    await ended(remix.id);
  });
}
if (other) {
  await step('videos.delete', async () => {
    check((await client.videos.delete(other.id)).deleted === true, 'not deleted');
    await refused(() => client.videos.retrieve(other.id), OpenAI.NotFoundError, 'task_not_found');
  });
}
await step('409 is not sent again', async () => {
  const headers = { 'Idempotency-Key': 'clients-openai-node' };
  await client.videos.create(ASKED, { headers });
  await refused(
    () => client.videos.create({ ...ASKED, prompt: 'a dog' }, { headers }),
    OpenAI.ConflictError,
    'idempotency_conflict',
  );
});
await step('a creation with 503 is not sent again', async () => {
  const broken = new OpenAI({ baseURL: BROKEN_ADDRESS + '/v1', apiKey: BROKEN_KEY, fetch: fetching });
  await refused(() => broken.videos.create(ASKED), OpenAI.InternalServerError, 'service_unavailable');
});
