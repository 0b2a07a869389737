// What each program of a published client tells of what it did: a line of JSON for each step, on stdout.
export const { OPENDANCE_BASE_URL: ADDRESS, OPENDANCE_API_KEY: KEY, OPENDANCE_PICTURE: PICTURE } = process.env;
export const { OPENDANCE_BROKEN_URL: BROKEN_ADDRESS, OPENDANCE_BROKEN_KEY: BROKEN_KEY } = process.env;
export const PROMPT = 'a cat walks in a garden';

export async function step(name, act) {
  try {
    const result = await act();
    console.log(JSON.stringify({ step: name, problem: null }));
    return result;
  } catch (error) {
    const told = [];
    for (let each = error; each && told.length < 4; each = each.cause) told.push(`${each.name}: ${each.message}`);
    console.log(JSON.stringify({ step: name, problem: told.join(' <- ').slice(0, 900) }));
    return null;
  }
}

export function check(holds, seen) {
  if (!holds) throw new Error(JSON.stringify(seen).slice(0, 500));
}

export const counted = { requests: 0 };

/** The fetch of this runtime, which counts. */
export async function fetching(url, options) {
  counted.requests += 1;
  return await fetch(url, options);
}
