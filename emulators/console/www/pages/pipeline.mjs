import { html, useLive, Json } from '../app.mjs';
export const title = 'Pipeline';
export default () => { const s = useLive((l) => l.state); return html`<h1>Pipeline</h1><${Json} value=${s} open=${3} />`; };
