// Runs before the first paint, so that nobody sees the other theme flash.
{
  let theme = 'dark'
  try {
    theme = localStorage.getItem('theme') || 'dark'
  } catch {
    // Storage may be switched off: dark it is.
  }
  if (theme === 'system') theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
  document.documentElement.dataset.theme = theme
}
