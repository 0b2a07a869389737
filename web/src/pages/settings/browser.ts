/** A browser in few words, of what it calls itself: `Firefox 140, Linux`. */
export function browserOf(agent: string): string {
  const browsers: [RegExp, string][] = [
    [/Edg\/(\d+)/, 'Edge'],
    [/OPR\/(\d+)/, 'Opera'],
    [/Firefox\/(\d+)/, 'Firefox'],
    [/(?:Headless)?Chrome\/(\d+)/, 'Chrome'],
    [/Version\/(\d+)[\d.]* (?:Mobile\/\S+ )?Safari/, 'Safari'],
  ]
  const systems: [RegExp, string][] = [
    [/iPhone|iPad/, 'iOS'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ]
  const browser = browsers.map(([pattern, name]) => ({ name, version: pattern.exec(agent)?.[1] })).find((each) => each.version)
  const system = systems.find(([pattern]) => pattern.test(agent))?.[1]
  if (!browser) return agent.slice(0, 60)
  return [`${browser.name} ${browser.version}`, system].filter(Boolean).join(', ')
}
