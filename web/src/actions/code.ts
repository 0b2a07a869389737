/**
 * A request as a program: what to type or paste to ask this server for the same video and get the file.
 *
 * The programs need nothing but what their language brings. They ask with `$OPENDANCE_API_KEY`; no key is ever in them.
 */

import type { VideoRequest } from '../api/types'

export type CodeLanguage = 'curl' | 'python' | 'javascript' | 'cli'
export const CODE_LANGUAGES: readonly CodeLanguage[] = ['curl', 'python', 'javascript', 'cli']


const MEDIA = ['image', 'video', 'audio'] as const

/**
 * The program for a request.
 *
 * @param server the address of this server, such as `https://video.example.com`.
 * @param gone addresses of inputs that are not kept any more; links of this server that have ended are known without.
 * @param remark says of a placeholder what is missing, such as "image 1 has ended; put an address here".
 */
export function requestAsCode(
  request: VideoRequest,
  language: CodeLanguage,
  server: string,
  remark: (kind: string, number: number) => string,
  gone: readonly string[] = [],
): string {
  const { body, remarks } = withPlaceholders(request, remark, gone)
  const base = server.replace(/\/+$/, '')
  switch (language) {
    case 'curl':
      return curl(body, base, remarks)
    case 'python':
      return python(body, base, remarks)
    case 'javascript':
      return javascript(body, base, remarks)
    case 'cli':
      return cli(body, base, remarks)
  }
}

/** Whether a signed link of a server like this one has ended. */
export function hasEnded(url: string, now = Date.now()): boolean {
  const ends = /[?&]ends=(\d{1,12})(?:&|$)/.exec(url)?.[1]
  return ends !== undefined && Number(ends) * 1000 <= now
}

function withPlaceholders(
  request: VideoRequest,
  remark: (kind: string, number: number) => string,
  gone: readonly string[],
): { body: VideoRequest; remarks: string[] } {
  const body: VideoRequest = { ...request, model_params: { ...request.model_params } }
  const remarks: string[] = []
  for (const kind of MEDIA) {
    const urls = request[`${kind}_urls`]
    if (urls === undefined) continue
    body[`${kind}_urls`] = urls.map((url, index) => {
      if (!hasEnded(url) && !gone.includes(url)) return url
      remarks.push(remark(kind, index + 1).replace(/\s+/g, ' '))
      return `https://example.com/${kind}-${index + 1}`
    })
  }
  return { body, remarks }
}

function comments(remarks: string[], mark: string): string {
  return remarks.map((remark) => `${mark} ${remark}\n`).join('')
}

function curl(body: VideoRequest, base: string, remarks: string[]): string {
  return `${comments(remarks, '#')}server=${quoted(base)}
answer=$(curl -fsS "$server/v1/videos/generations" \\
  -H "Authorization: Bearer $OPENDANCE_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d @- <<'JSON'
${JSON.stringify(body, null, 2)}
JSON
) || exit 1
id=$(printf %s "$answer" | grep -o 'task-unified-[0-9]*-[a-z0-9]*' | head -n 1)
while :; do
  task=$(curl -fsS "$server/v1/tasks/$id" -H "Authorization: Bearer $OPENDANCE_API_KEY") || exit 1
  case $task in
    *'"status":"completed"'*) break ;;
    *'"status":"failed"'* | *'"status":"cancelled"'*) printf '%s\\n' "$task" >&2; exit 1 ;;
  esac
  sleep 2
done
link=$(printf %s "$task" | sed 's/.*"results":\\["\\([^"]*\\)".*/\\1/')
curl -fsS "$link" -o "$id.mp4" && echo "$id.mp4"
`
}

function python(body: VideoRequest, base: string, remarks: string[]): string {
  return `import json
import os
import sys
import time
import urllib.request

SERVER = ${JSON.stringify(base)}
KEY = os.environ["OPENDANCE_API_KEY"]


def ask(path, body=None):
    request = urllib.request.Request(SERVER + path, data=None if body is None else json.dumps(body).encode())
    request.add_header("Authorization", f"Bearer {KEY}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


${comments(remarks, '#')}task = ask(
    "/v1/videos/generations",
${indented(pythonLiteral(body), 4)},
)
while task["status"] not in ("completed", "failed", "cancelled"):
    time.sleep(2)
    task = ask(f"/v1/tasks/{task['id']}")
if task["status"] != "completed":
    sys.exit(f"{task['error']['code']}: {task['error']['message']}")
urllib.request.urlretrieve(task["results"][0], f"{task['id']}.mp4")
print(f"{task['id']}.mp4")
`
}

function javascript(body: VideoRequest, base: string, remarks: string[]): string {
  return `import { writeFile } from 'node:fs/promises'

const server = ${JSON.stringify(base)}
const headers = { Authorization: \`Bearer \${process.env.OPENDANCE_API_KEY}\`, 'Content-Type': 'application/json' }

async function ask(path, options = {}) {
  const answer = await fetch(server + path, { headers, ...options })
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}

${comments(remarks, '//')}let task = await ask('/v1/videos/generations', {
  method: 'POST',
  body: JSON.stringify(${indented(JSON.stringify(body, null, 2), 2).trimStart()}),
})
while (!['completed', 'failed', 'cancelled'].includes(task.status)) {
  await new Promise((done) => setTimeout(done, 2000))
  task = await ask(\`/v1/tasks/\${task.id}\`)
}
if (task.status !== 'completed') throw new Error(\`\${task.error.code}: \${task.error.message}\`)
const video = await fetch(task.results[0])
await writeFile(\`\${task.id}.mp4\`, Buffer.from(await video.arrayBuffer()))
console.log(\`\${task.id}.mp4\`)
`
}

/** The command line has no option for a web search or a callback: a request with one has a remark. */
function cli(body: VideoRequest, base: string, remarks: string[]): string {
  const options = [`--model ${body.model}`]
  for (const kind of MEDIA) for (const url of body[`${kind}_urls`] ?? []) options.push(`--${kind} ${quoted(url)}`)
  options.push(`--duration ${body.duration ?? 5}`, `--quality ${body.quality ?? '720p'}`, `--aspect-ratio ${body.aspect_ratio ?? '16:9'}`)
  if (body.generate_audio === false) options.push('--no-audio')
  if (body.content_filter === false) options.push('--no-filter')
  if (body.model_params?.seed !== undefined) options.push(`--seed ${body.model_params.seed}`)
  const missing: string[] = []
  if (body.model_params?.web_search) missing.push('web_search')
  if (body.callback_url !== undefined) missing.push('callback_url')
  const left = missing.length > 0 ? [`generate has no option for ${missing.join(', ')}`] : []
  const lines = ['opendance generate', ...options].join(' \\\n  ')
  return `${comments([...remarks, ...left], '#')}export OPENDANCE_BASE_URL=${quoted(base)}
${lines} \\
  -- ${quoted(body.prompt)}
`
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join('\n')
}

/** JSON is Python but for three words, which stand outside strings at the end of a line. */
function pythonLiteral(value: unknown): string {
  return JSON.stringify(value, null, 4).replace(
    /^( *(?:"[^"]*": )?)(true|false|null)(,?)$/gm,
    (_, before: string, word: string, behind: string) =>
      `${before}${({ true: 'True', false: 'False', null: 'None' } as Record<string, string>)[word] ?? word}${behind}`,
  )
}
