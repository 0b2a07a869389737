import './look/tokens.css'
import './look/base.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { session } from './state/session.svelte'
import { preferred, words } from './words'

// The link goes out of the address before anything else happens.
const begun = session.begin()
void Promise.all([words.use(preferred()), begun]).then(() => {
  const target = document.getElementById('studio')
  if (target) mount(App, { target })
})
