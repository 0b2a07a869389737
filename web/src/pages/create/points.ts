/** Places in a text: the server counts Unicode code points, JavaScript UTF-16 units. */

/** The place in units of a place in code points. */
export function unitsAt(text: string, points: number): number {
  let units = 0
  for (let point = 0; point < points && units < text.length; point++) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1
  return units
}

/** How many code points stand in the first `units` of a text. */
export function pointsIn(text: string, units = text.length): number {
  let points = 0
  for (let unit = 0; unit < units; points++) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1
  return points
}
