// EvoLink's published MCP server, over stdio. Its address is fixed, so that the process it runs in asks ours instead.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ADDRESS, KEY, PROMPT, check, step } from './steps.mjs';

const redirect = `const real = globalThis.fetch;
globalThis.fetch = (url, options) => real(String(url).replace(/^https:[/][/][a-z.-]*evolink[.]ai/, '${ADDRESS}'), options);`;
const transport = new StdioClientTransport({
  command: process.execPath,
  args: [
    '--import', 'data:text/javascript,' + encodeURIComponent(redirect),
    'node_modules/@evolinkai/evolink-media/dist/evolink-media/src/index.js',
  ],
  env: { ...process.env, EVOLINK_API_KEY: KEY },
});
const client = new Client({ name: 'tests', version: '1' });
await client.connect(transport);

async function call(name, given) {
  const answer = await client.callTool({ name, arguments: given });
  return answer.content.map((part) => part.text).join('\n');
}

async function made(given) {
  const said = await call('generate_video', { prompt: PROMPT, quality: '480p', ...given });
  const id = /task-unified-[\w-]+/.exec(said)?.[0];
  check(id, said);
  for (let turn = 0; turn < 300; turn++) {
    const seen = await call('check_task', { task_id: id });
    if (/Status: completed/.test(seen)) return check(/\[1\] http/.test(seen), seen);
    check(/Status: (pending|processing)/.test(seen), seen);
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error('it does not end');
}

await step('generate_video with seedance-2.0, an alias of this server, and check_task', () =>
  made({ model: 'seedance-2.0', duration: 4 }));
await step('generate_video with its default model, an alias of this server', () => made({ duration: 5 }));
const png = 'data:image/png;base64,' + (await import('node:fs')).readFileSync(process.env.OPENDANCE_PICTURE).toString('base64');
await step('upload_file, and a video of it', async () => {
  const said = await call('upload_file', { base64_data: png, file_name: 'cat.png' });
  const url = /https?:[^\s)]+/.exec(said)?.[0];
  check(url && said.includes('cat.png'), said);
  await made({ model: 'seedance-2.0', duration: 4, image_urls: [url] });
});
await step('list_files', async () => {
  const said = await call('list_files', {});
  check(said.includes('cat.png'), said);
});
await step('a wrong duration is told, and that it is no use to try again', async () => {
  const said = await call('generate_video', { prompt: PROMPT, model: 'seedance-2.0', duration: 3 });
  check(/duration/.test(said), said);
});
await step('a file that is no picture is told, and that it is no use to try again', async () => {
  const said = await call('generate_video', { prompt: PROMPT, model: 'seedance-2.0', image_urls: [ADDRESS + '/healthz'] });
  const id = /task-unified-[\w-]+/.exec(said)?.[0];
  let seen = said;
  for (let turn = 0; id && turn < 100 && !/Status: failed/.test(seen); turn++) {
    await new Promise((done) => setTimeout(done, 200));
    seen = await call('check_task', { task_id: id });
  }
  check(/Retryable: No/.test(seen), seen);
});
await client.close();
