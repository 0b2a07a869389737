/** What the server answers, in its own words. Times are unix seconds. */

export type Status = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled'
export type Mode = 'text-to-video' | 'image-to-video' | 'reference-to-video'
export type Tier = 'standard' | 'fast' | 'mini'
export type Quality = '480p' | '720p' | '1080p'
export type Ratio = '16:9' | '9:16' | '1:1' | '4:3' | '3:4' | '21:9' | 'adaptive'
export type EngineKind = 'preview' | 'local' | 'upstream'
export type MediaKind = 'image' | 'video' | 'audio'

export interface Session {
  account: { id: string; name: string; balance: number }
  group: { name: string; own_keys: boolean; max_files: number; max_kept_bytes: number }
  key: {
    id: string
    name: string
    prefix: string
    kind: 'live' | 'test'
    models: string[] | null
    credit_limit: number | null
    used: number
    expires: number | null
  }
  csrf: string
  session_id: string
  admin_until: number | null
  version: string
  features: { admin: boolean; secure: boolean; show_prompts: boolean; callbacks_private: boolean }
}

export interface Problem {
  path: string
  code: string
  level: 'error' | 'warning'
  message: string
  params: Record<string, string | number | boolean | string[] | null>
  /** Code points of the prompt. */
  begin: number | null
  end: number | null
}

export interface TaskError {
  code: string
  message: string
}

/** What lists and events show of a task. */
export interface Card {
  id: string
  object: 'video.generation.card'
  revision: number
  updated: number
  status: Status
  stage: string | null
  /** 0 to 100. */
  progress: number
  created: number
  started: number | null
  finished: number | null
  /** Seconds from the creation on. */
  estimated_time: number
  model: string
  mode: Mode
  tier: Tier
  engine: string | null
  engine_kind: EngineKind | null
  substitute: boolean
  waits_for: string | null
  at_upstream: boolean
  prompt: string
  prompt_is_whole: boolean
  title: string | null
  tags: string[]
  favourite: boolean
  hidden: boolean
  kept: boolean
  seed: number
  /** Alike in tasks that ask for the same but the seed. */
  take_group: string | null
  duration: number
  quality: Quality
  aspect_ratio: Ratio
  generate_audio: boolean
  has_result: boolean
  kept_until: number | null
  swept: number | null
  result_bytes: number | null
  poster_url: string | null
  strip_url: string | null
  last_frame_url: string | null
  result_url: string | null
  error: TaskError | null
  credits_reserved: number
  credits_used: number | null
  sandbox: boolean
  images: number
  videos: number
  audios: number
  key_id: string | null
}

export interface List<T> {
  object: 'list'
  data: T[]
}
export interface Page<T> extends List<T> {
  has_more: boolean
  next_cursor: string | null
  /** With `stacked`: how many takes each `take_group` has, from 2. */
  takes?: Record<string, number>
}

/** The body of a creation. */
export interface VideoRequest {
  model: string
  prompt: string
  image_urls?: string[]
  video_urls?: string[]
  audio_urls?: string[]
  duration?: number
  quality?: Quality
  aspect_ratio?: Ratio
  generate_audio?: boolean
  content_filter?: boolean
  callback_url?: string
  model_params?: { web_search?: boolean; seed?: number }
}

export interface PriceLine {
  item: 'video' | 'input_video' | 'web_search' | 'content_filter_off' | 'group'
  unit: 'second' | 'search' | 'factor'
  quantity: number
  unit_price: number
  credits: number
}
export interface Usage {
  billing_rule: string
  credits_reserved: number
  user_group: string
  lines: PriceLine[]
  credits_available: number
  sufficient: boolean
}

/** Pairs of code points of the prompt: where each begins and ends. */
export type Spans = [number, number][]

export type Role =
  | 'first_frame'
  | 'last_frame'
  | 'subject'
  | 'product'
  | 'setting'
  | 'style'
  | 'camera'
  | 'motion'
  | 'edit'
  | 'extend'
  | 'join'
  | 'music'
  | 'effect'
  | 'voice'

export interface AssetUse {
  kind: MediaKind
  number: number
  role: Role
  start: number
  end: number
  /** The words that said so, or why it was chosen where none did. */
  words: string
  target: string | null
  spans: Spans
}
export interface Fact {
  what: string
  words: string
  spans: Spans
}
export interface Reason {
  kind: string
  value: string
  words: string
  begin: number
  end: number
}
export interface Shot {
  start: number
  end: number
  text: string
  setting: string
  place: string | null
  hour: string
  weather: string
  size: string
  camera: { move: string; speed: number; handheld: boolean }
  subjects: { name: string; words: string; count: number; emoji: string; image: number | null }[]
  explicit: string[]
}
export interface Plan {
  language: string
  seconds: number
  aspect_ratio: Ratio
  style: string
  mood: string
  music: string | null
  silent_music: boolean
  shots: Shot[]
  dialogue: { text: string; language: string; start: number | null }[]
  references: { kind: MediaKind; number: number; words: string; begin: number; end: number }[]
  assets: AssetUse[]
  found: Fact[]
  reasons: Reason[]
}

export interface Check {
  ok: boolean
  problems: Problem[]
  model: string | null
  usage: Usage | null
  task_info: { estimated_time: number; video_duration: number } | null
  plan: Plan | null
  engine: { name: string; kind: EngineKind; up: boolean } | null
  price_is_exact: boolean
  is_measured: boolean
  queue: { ahead: number; starts_in: number } | null
}

export interface Model {
  id: string
  access: boolean
  sizes?: Partial<Record<Ratio, Partial<Record<Quality, [number, number]>>>>
  prices: { quality: Quality; video_input: boolean; credits_per_second: number }[]
  limits: {
    images: [number, number]
    videos: [number, number]
    audios: [number, number]
    can_search_web: boolean
    min_duration: number
    max_duration: number
  }
  engines: { name: string; kind: EngineKind; up: boolean; seconds_per_second: Partial<Record<Quality, number | null>> }[]
}

export interface Queue {
  lanes: {
    name: string
    models: string[]
    engines: string[]
    places: number
    running: number
    waiting: number
    others_running: number
    others_waiting: number
    is_open: boolean
  }[]
  own: {
    task: Card
    lane: string
    place: number | null
    ahead: number | null
    starts_in: number | null
    ready_in: number
  }[]
  waiting: number
  making: number
}

export interface UploadedFile {
  file_id: string
  file_name: string
  file_url: string
  download_url: string
  file_size: number
  mime_type: string
  expires_at: string | null
  media: {
    kind: MediaKind
    format: string
    width: number | null
    height: number | null
    seconds: number | null
    fps: number | null
    sound: boolean | null
  } | null
  problems: Problem[]
  thumb_url: string | null
  sha256: string | null
  kept: boolean
  used_by: number
  [name: string]: unknown
}
