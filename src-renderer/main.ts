import { mount } from 'svelte'
import { config } from 'zod'
import '@fontsource-variable/inter/wght.css'
import './styles/tokens.css'
import './styles/base.css'
import App from './App.svelte'

// The page's policy forbids eval, which zod would try in order to be faster.
config({ jitless: true })

const target = document.getElementById('app')
if (target === null) throw new Error('index.html has no element #app')
mount(App, { target })

// 120 faces, of which the browser fetches only those whose characters are shown: file names may be Korean in any
// language of the window. The list itself is 90 kB of CSS, which the first content need not wait for.
void import('@fontsource-variable/noto-sans-kr/wght.css')
