import { ask } from '../api/client'
import type { List, Model, Quality, Ratio } from '../api/types'

/** What the server makes, for whom, at what price and speed. */
class Models {
  all = $state.raw<Model[]>([])

  get(id: string): Model | undefined {
    return this.all.find((model) => model.id === id)
  }

  async read(): Promise<void> {
    this.all = (await ask<List<Model>>('/v1/models', { query: { all: true } })).data
  }

  /** Credits a second; undefined where the model has no such quality. */
  price(id: string, quality: Quality, videoInput: boolean): number | undefined {
    return this.get(id)?.prices?.find((each) => each.quality === quality && each.video_input === videoInput)?.credits_per_second
  }

  qualities(id: string): Quality[] {
    return [...new Set(this.get(id)?.prices?.map((each) => each.quality) ?? [])]
  }

  /** Width and height, px. */
  size(id: string, ratio: Ratio, quality: Quality): [number, number] | undefined {
    return this.get(id)?.sizes?.[ratio]?.[quality]
  }
}

export const models = new Models()
