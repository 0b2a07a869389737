import { keymap } from 'prosemirror-keymap'
import { Fragment, Schema, Slice, type Node } from 'prosemirror-model'
import { EditorState, Plugin, TextSelection, type Transaction } from 'prosemirror-state'
import { Decoration, DecorationSet, EditorView, type NodeView } from 'prosemirror-view'
import type { Piece } from '../../state/create.svelte'
import { tidy } from './prompt'
import { pointsIn, unitsAt } from './points'

/** How a chip looks now: its asset may have another number, another picture, or be gone. */
export interface Chip {
  label: string
  /** Read out: "image 1, cat.png, role subject". */
  spoken: string
  preview: string
  kind: 'image' | 'video' | 'audio' | 'gone'
  problem: string
}

/** A stretch of the prompt, code points, that gets a class. */
export interface Mark {
  begin: number
  end: number
  name: string
}

export interface Suggesting {
  /** What was typed behind the `@`. */
  query: string
  /** Where the list belongs, in the window. */
  left: number
  top: number
  bottom: number
}

export interface Options {
  label: string
  pieces: Piece[]
  chipOf: (asset: string) => Chip
  recognise: (text: string) => Piece[]
  /** What was typed stands in `pieces`; called for each stroke. */
  change: () => void
  /** The list of assets opens, changes, or closes (null). */
  suggest: (state: Suggesting | null) => void
  /** A key while the list is open; true where it was for the list. */
  listKey: (event: KeyboardEvent) => boolean
  files: (transfer: DataTransfer) => boolean
  undo: () => void
  redo: () => void
  /** The place under the pointer, code points; null: none. */
  point: (place: number | null) => void
}

const schema = new Schema({
  nodes: {
    doc: { content: 'line+' },
    line: { content: 'inline*', toDOM: () => ['p', 0], parseDOM: [{ tag: 'p' }, { tag: 'div' }] },
    text: { group: 'inline' },
    chip: {
      group: 'inline',
      inline: true,
      atom: true,
      selectable: true,
      draggable: true,
      attrs: { asset: {} },
      toDOM: (node) => ['span', { 'data-asset': node.attrs['asset'] as string }],
      parseDOM: [{ tag: 'span[data-asset]', getAttrs: (span) => ({ asset: span.dataset['asset'] ?? '' }) }],
    },
  },
})

function docOf(pieces: Piece[]): Node {
  const lines: Node[][] = [[]]
  for (const piece of pieces) {
    if ('asset' in piece) lines.at(-1)?.push(schema.node('chip', { asset: piece.asset }))
    else
      piece.text.split('\n').forEach((part, index) => {
        if (index) lines.push([])
        if (part) lines.at(-1)?.push(schema.text(part))
      })
  }
  return schema.node('doc', null, lines.map((line) => schema.node('line', null, line)))
}

function piecesOf(doc: Node): Piece[] {
  const pieces: Piece[] = []
  doc.forEach((line, _, index) => {
    if (index) pieces.push({ text: '\n' })
    line.forEach((node) => pieces.push(node.isText ? { text: node.text ?? '' } : { asset: node.attrs['asset'] as string }))
  })
  return tidy(pieces)
}

function sliceOf(pieces: Piece[]): Slice {
  return new Slice(docOf(pieces).content, 1, 1)
}

class ChipView implements NodeView {
  dom = document.createElement('span')
  #picture = document.createElement('img')
  #label = document.createElement('span')

  constructor(
    private readonly node: Node,
    private readonly chipOf: Options['chipOf'],
    private readonly all: Set<ChipView>,
  ) {
    this.dom.className = 'chip'
    this.dom.contentEditable = 'false'
    this.dom.setAttribute('role', 'img')
    this.#picture.alt = ''
    this.#picture.draggable = false
    this.#label.className = 'chip-label'
    this.dom.append(this.#picture, this.#label)
    all.add(this)
    this.refresh()
  }

  refresh(): void {
    const chip = this.chipOf(this.node.attrs['asset'] as string)
    this.dom.dataset['kind'] = chip.kind
    this.dom.classList.toggle('bad', chip.kind === 'gone' || !!chip.problem)
    this.dom.setAttribute('aria-label', chip.spoken)
    this.dom.title = chip.problem || chip.spoken
    if (this.#picture.getAttribute('src') !== chip.preview) {
      if (chip.preview) this.#picture.src = chip.preview
      else this.#picture.removeAttribute('src')
    }
    this.#picture.hidden = !chip.preview
    if (this.#label.textContent !== chip.label) this.#label.textContent = chip.label
  }

  ignoreMutation(): boolean {
    return true
  }

  destroy(): void {
    this.all.delete(this)
  }
}

/** The prompt box with chips. It tells what was typed, and shows what it is given; it keeps nothing itself. */
export class Editor {
  #view: EditorView
  #chips = new Set<ChipView>()
  #marks: Mark[] = []
  #lit: Mark[] = []
  #drawn: { doc: Node; from: Mark[][]; set: DecorationSet } | undefined
  #suggesting = false

  constructor(place: HTMLElement, private readonly options: Options) {
    const decorations = new Plugin({ props: { decorations: (state) => this.#decorated(state.doc) } })
    const insertLine = (state: EditorState, dispatch?: (transaction: Transaction) => void): boolean => {
      dispatch?.(state.tr.split(state.selection.from).scrollIntoView())
      return true
    }
    this.#view = new EditorView(place, {
      state: EditorState.create({
        doc: docOf(options.pieces),
        plugins: [
          keymap({
            Enter: (state, dispatch) => {
              const { from, to } = state.selection
              if (from !== to) dispatch?.(state.tr.deleteSelection())
              return insertLine(this.#view.state, dispatch)
            },
            'Shift-Enter': insertLine,
            Backspace: (state, dispatch) => dropSelection(state, dispatch) || dropChip(state, -1, dispatch) || joinBack(state, dispatch),
            Delete: (state, dispatch) => dropSelection(state, dispatch) || dropChip(state, 1, dispatch),
            'Mod-z': () => (options.undo(), true),
            'Shift-Mod-z': () => (options.redo(), true),
            'Mod-y': () => (options.redo(), true),
          }),
          decorations,
        ],
      }),
      nodeViews: { chip: (node) => new ChipView(node, options.chipOf, this.#chips) },
      attributes: {
        class: 'box',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': options.label,
        'aria-haspopup': 'listbox',
        'aria-autocomplete': 'list',
        spellcheck: 'true',
        autocapitalize: 'sentences',
      },
      dispatchTransaction: (transaction) => this.#apply(transaction),
      // A letter of a keyboard goes in by our own transaction: the browser's way of editing takes a long text three frames.
      handleKeyPress: (view, event) => {
        const { selection } = view.state
        if (event.isComposing || view.composing || !(selection instanceof TextSelection) || !event.charCode) return false
        const letter = String.fromCodePoint(event.charCode)
        if (selection.empty) this.#insertLetter(selection.from, letter)
        view.dispatch(view.state.tr.insertText(letter).scrollIntoView())
        return true
      },
      handleKeyDown: (_, event) => !event.isComposing && this.#suggesting && options.listKey(event),
      handlePaste: (view, event) => {
        const transfer = event.clipboardData
        if (transfer && options.files(transfer)) return true
        const text = transfer?.getData('text/plain')
        if (!text) return true
        this.#insert(view, options.recognise(text.replace(/\r\n?/g, '\n')))
        return true
      },
      handleDrop: (view, event, slice, moved) => {
        const transfer = event.dataTransfer
        if (!transfer) return false
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos ?? view.state.selection.from
        const asset = transfer.getData('application/x-opendance-asset')
        if (asset) {
          view.dispatch(view.state.tr.insert(at, schema.node('chip', { asset })).insertText(' ', at + 1))
          view.focus()
          return true
        }
        if (!moved && options.files(transfer)) return true
        if (moved || slice.content.size === 0) return false
        const text = transfer.getData('text/plain')
        if (!text) return true
        view.dispatch(view.state.tr.setSelection(TextSelection.near(view.state.doc.resolve(at))))
        this.#insert(view, options.recognise(text))
        return true
      },
      clipboardTextSerializer: (slice) =>
        piecesOf(schema.node('doc', null, linesOf(slice.content)))
          .map((piece) => ('text' in piece ? piece.text : `[@${this.options.chipOf(piece.asset).label}]`))
          .join(''),
      handleDOMEvents: {
        mousemove: (view, event) => {
          const at = view.posAtCoords({ left: event.clientX, top: event.clientY })
          options.point(at && at.inside >= 0 ? this.#pointAt(view.state.doc, at.pos) : null)
          return false
        },
        mouseleave: () => (options.point(null), false),
        blur: () => {
          setTimeout(() => !this.#view.hasFocus() && this.#close(), 150)
          return false
        },
      },
    })
  }

  focus(): void {
    this.#view.focus()
  }

  get hasFocus(): boolean {
    return this.#view.hasFocus()
  }

  get isComposing(): boolean {
    return this.#view.composing
  }

  /** What stands in the box. */
  get pieces(): Piece[] {
    return piecesOf(this.#view.state.doc)
  }

  /** Shows other pieces; the caret stays where it was as far as it can. */
  show(pieces: Piece[], { atEnd = false } = {}): void {
    const { state } = this.#view
    const doc = docOf(pieces)
    if (doc.eq(state.doc)) return
    const transaction = state.tr.replaceWith(0, state.doc.content.size, doc.content).setMeta('outside', true)
    const place = atEnd ? transaction.doc.content.size : Math.min(state.selection.from, transaction.doc.content.size)
    transaction.setSelection(TextSelection.near(transaction.doc.resolve(place), -1))
    this.#view.dispatch(transaction)
  }

  /** Where the caret stands, in UTF-16 units of the text in which a chip is `widthOf` units long. */
  caret(widthOf: (asset: string) => number): number {
    return this.#unitsBefore(this.#view.state.selection.head, widthOf)
  }

  setCaret(units: number, widthOf: (asset: string) => number): void {
    let left = units
    let place = 1
    this.#view.state.doc.descendants((node, at) => {
      if (left < 0 || !node.isInline) return
      const width = node.isText ? (node.text?.length ?? 0) : widthOf(node.attrs['asset'] as string)
      place = node.isText ? at + Math.min(left, width) : at + (left > 0 ? 1 : 0)
      left -= width
    })
    const { state } = this.#view
    this.#view.dispatch(state.tr.setSelection(TextSelection.near(state.doc.resolve(Math.min(place, state.doc.content.size)))))
  }

  /** Puts a chip at the caret; where the list is open, in place of what was typed for it. */
  insertChip(asset: string): void {
    const { state } = this.#view
    const { from, to } = state.selection
    const typed = this.#typed(state)
    const start = typed ? from - typed.length : from
    const transaction = state.tr.replaceWith(start, to, schema.node('chip', { asset }))
    const behind = transaction.doc.textBetween(start + 1, Math.min(start + 2, transaction.doc.content.size), '\n', '￼')
    if (!/^\s/.test(behind)) transaction.insertText(' ', start + 1)
    transaction.setSelection(TextSelection.create(transaction.doc, start + 2))
    this.#view.dispatch(transaction.scrollIntoView())
    this.#close()
    this.#view.focus()
  }

  insertText(text: string): void {
    this.#insert(this.#view, this.options.recognise(text))
    this.#view.focus()
  }

  /** Chips look up their assets again. */
  refresh(): void {
    for (const chip of this.#chips) chip.refresh()
  }

  /** Problems and speech; they stay until others come. */
  mark(marks: Mark[]): void {
    if (JSON.stringify(marks) === JSON.stringify(this.#marks)) return
    this.#marks = marks
    this.#redraw()
  }

  /** What is pointed at. */
  light(marks: Mark[]): void {
    if (!marks.length && !this.#lit.length) return
    this.#lit = marks
    this.#redraw()
  }

  /** For the screen reader: which entry of the list is the current one. */
  setActive(list: string | null, entry: string | null): void {
    const box = this.#view.dom
    if (list) box.setAttribute('aria-controls', list)
    else box.removeAttribute('aria-controls')
    if (entry) box.setAttribute('aria-activedescendant', entry)
    else box.removeAttribute('aria-activedescendant')
  }

  describe(ids: string): void {
    if (ids) this.#view.dom.setAttribute('aria-describedby', ids)
    else this.#view.dom.removeAttribute('aria-describedby')
  }

  setLanguage(tag: string): void {
    this.#drawn = undefined // chips are as long as their names
    this.#view.dom.lang = tag
  }

  close(): void {
    this.#close()
  }

  destroy(): void {
    this.#view.destroy()
  }

  /**
   * Puts a letter into the text that is shown, before the transaction does: as an insertion the browser shapes and lays out
   * what stands around it, where ProseMirror writes the whole text anew. What is not as it should be it corrects.
   */
  #insertLetter(place: number, letter: string): void {
    const { node, offset } = this.#view.domAtPos(place, -1)
    if (!(node instanceof Text)) return
    // It is no change of the document from outside; the update watches again.
    const observer = (this.#view as unknown as { domObserver?: { stop?: () => void } }).domObserver
    if (!observer?.stop) return
    observer.stop()
    node.insertData(offset, letter)
  }

  #apply(transaction: Transaction): void {
    this.#view.updateState(this.#view.state.apply(transaction))
    if (transaction.docChanged && !transaction.getMeta('outside')) this.options.change()
    if (transaction.docChanged || transaction.selectionSet) this.#look()
  }

  #redraw(): void {
    // Marks must not disturb a composition.
    if (!this.#view.composing) this.#view.dispatch(this.#view.state.tr.setMeta('outside', true))
  }

  #look(): void {
    const typed = this.#view.composing ? undefined : this.#typed(this.#view.state)
    if (typed === undefined || !this.#view.hasFocus()) return this.#close()
    const at = this.#view.coordsAtPos(this.#view.state.selection.from - typed.length)
    this.#suggesting = true
    this.options.suggest({ query: typed.slice(1), left: at.left, top: at.top, bottom: at.bottom })
  }

  #close(): void {
    if (!this.#suggesting) return
    this.#suggesting = false
    this.options.suggest(null)
  }

  /** `@` and what stands between it and the caret. */
  #typed(state: EditorState): string | undefined {
    const { $from, empty } = state.selection
    if (!empty) return undefined
    const before = $from.parent.textBetween(Math.max(0, $from.parentOffset - 24), $from.parentOffset, undefined, '￼')
    return /(?:^|[^\w@])(@[^\s@￼]{0,20})$/.exec(before)?.[1]
  }

  #insert(view: EditorView, pieces: Piece[]): void {
    view.dispatch(view.state.tr.replaceSelection(sliceOf(pieces)).scrollIntoView())
  }

  /** Asked for with every move of the caret, too. */
  #decorated(doc: Node): DecorationSet {
    const from = [this.#marks, this.#lit]
    if (!this.#drawn || this.#drawn.doc !== doc || this.#drawn.from.some((each, index) => each !== from[index]))
      this.#drawn = { doc, from, set: DecorationSet.create(doc, this.#decorations(doc)) }
    return this.#drawn.set
  }

  #decorations(doc: Node): Decoration[] {
    const found: Decoration[] = []
    doc.descendants((node, at) => {
      if (!node.isTextblock) return true
      const text = node.textBetween(0, node.content.size, undefined, '￼')
      for (const match of text.matchAll(/"[^"\n]{1,400}"|“[^”\n]{1,400}”|「[^」\n]{1,400}」|『[^』\n]{1,400}』/g))
        found.push(Decoration.inline(at + 1 + match.index, at + 1 + match.index + match[0].length, { class: 'speech' }))
      return false
    })
    for (const { begin, end, name } of [...this.#marks, ...this.#lit]) {
      const [from, to] = [this.#placeOf(doc, begin), this.#placeOf(doc, end)]
      if (to > from) found.push(Decoration.inline(from, to, { class: name }, { inclusiveStart: false, inclusiveEnd: false }))
    }
    return found
  }

  /** The place in the document of a place in the prompt as it is sent. */
  #placeOf(doc: Node, point: number): number {
    let left = point
    let place = 1
    let isFound = false
    doc.forEach((line, at, index) => {
      if (isFound) return
      if (index) left--
      line.forEach((node, offset) => {
        if (isFound) return
        const text = node.isText ? (node.text ?? '') : ''
        const width = node.isText ? pointsIn(text) : this.widthOf(node.attrs['asset'] as string)
        place = at + 1 + offset
        if (left <= width) {
          place += node.isText ? unitsAt(text, left) : left > 0 ? 1 : 0
          isFound = true
        } else {
          place += node.nodeSize
          left -= width
        }
      })
      if (!isFound && left <= 0) {
        place = at + 1
        isFound = true
      }
    })
    return Math.min(place, doc.content.size)
  }

  #pointAt(doc: Node, place: number): number {
    let points = 0
    doc.forEach((line, at, index) => {
      if (at + 1 > place) return
      if (index) points++
      line.forEach((node, offset) => {
        const begin = at + 1 + offset
        if (begin >= place) return
        if (node.isText) points += pointsIn((node.text ?? '').slice(0, place - begin))
        else points += this.widthOf(node.attrs['asset'] as string)
      })
    })
    return points
  }

  #unitsBefore(place: number, widthOf: (asset: string) => number): number {
    let units = 0
    this.#view.state.doc.nodesBetween(0, place, (node, at, _, index) => {
      if (node.type.name === 'line' && index) units++
      else if (node.isText) units += Math.min(node.text?.length ?? 0, place - at)
      else if (node.type.name === 'chip') units += widthOf(node.attrs['asset'] as string)
    })
    return units
  }

  /** How long a chip is in the prompt, code points; set by who knows the prompt's language. */
  widthOf: (asset: string) => number = () => 0
}

function linesOf(content: Fragment): Node[] {
  const lines: Node[] = []
  content.forEach((node) => lines.push(node.isInline ? schema.node('line', null, [node]) : node))
  return lines
}

type Dispatch = (transaction: Transaction) => void

function dropSelection(state: EditorState, dispatch?: Dispatch): boolean {
  if (state.selection.empty) return false
  dispatch?.(state.tr.deleteSelection().scrollIntoView())
  return true
}

/** Removes the chip before (-1) or behind (1) the caret: browsers differ in what they do there. */
function dropChip(state: EditorState, side: 1 | -1, dispatch?: Dispatch): boolean {
  const { $from } = state.selection
  const node = side < 0 ? $from.nodeBefore : $from.nodeAfter
  if (node?.type.name !== 'chip') return false
  const at = side < 0 ? $from.pos - node.nodeSize : $from.pos
  dispatch?.(state.tr.delete(at, at + node.nodeSize).scrollIntoView())
  return true
}

/** Backspace at the beginning of a line joins it to the one before. */
function joinBack(state: EditorState, dispatch?: (transaction: Transaction) => void): boolean {
  const { $from, empty } = state.selection
  if (!empty || $from.parentOffset > 0 || $from.pos <= 1) return false
  dispatch?.(state.tr.join($from.before()).scrollIntoView())
  return true
}
