// Runs the console's tests in Debian's chromium: tests/console/page_*.mjs, each a page's main task done as a person would. A test is
// `export default async (t) => {...}`; what t has is below. After each test: no console error, nothing asked of another host.
// argv: names of tests to run (pipeline control); none: all. MINUTES=10: the test of the heap goes on as long; SHOTS=DIR: pictures of pages
// there; UP='--set console.www=DIR': more flags of tarn up.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const modules = process.env.TARN_NODE_MODULES, require = createRequire(join(modules, 'x.js'));
const { chromium } = require('playwright-core'), axe = readFileSync(join(modules, 'axe-core/axe.min.js'), 'utf8');
const here = new URL('.', import.meta.url).pathname, chosen = process.argv.slice(2), shots = process.env.SHOTS;
let checks = 0, failures = 0;

function ok(fine, what, got) {
	console.log(`${fine ? 'ok' : 'not ok'} ${++checks} - ${what}`);
	if (fine) return;
	failures++;
	if (got !== undefined) console.log('# ' + (typeof got === 'string' ? got : JSON.stringify(got)).slice(0, 2000).replace(/\n/g, '\n# '));
}
const same = (got, want, what) => ok(JSON.stringify(got) === JSON.stringify(want), what, { got, want });

const data = mkdtempSync(join(tmpdir(), 'tarn-console-'));
const tarn = (...args) => execFileSync(process.env.TARN, [...args, '--data', data], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60000 });
let at;
function up(...flags) {
	tarn('up', '-d', '--wait', '--ports', 'auto', ...(process.env.UP || '').split(' ').filter(Boolean), ...flags);
	at = JSON.parse(readFileSync(join(data, 'endpoints.json'), 'utf8'));
}

async function open(browser, name, { width = 1280, height = 800, theme = 'light', base } = {}) {
	const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'no-preference' });
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const page = await context.newPage(), wrong = [], hosts = new Set(Object.values(at).map((a) => a.replace(/^http:\/\//, '')));
	const t = {
		page, at, tarn, ok, same, name, wrong,
		get control() { return at.control; },
		// Which failed requests and console errors are meant: a function of the text.
		expected: () => false,
		goto: async (path) => { await page.goto((base || at.control) + path); await page.locator('header .status.live').waitFor(); },
		// Waits until a text stands somewhere in what a selector finds.
		sees: async (selector, text, what) => {
			try { await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: 15000 }); ok(true, what || `${selector} says ${text}`); } catch {
				ok(false, what || `${selector} says ${text}`, await page.locator('main').innerText().catch(() => '')); }
		},
		// A request to the stack that isn't the page's.
		ask: (path, options = {}) => fetch(at.control + path, { ...options, headers: { 'X-Tarn': '1', ...options.headers } }),
		axe: async (what) => {
			await page.evaluate(axe);
			const r = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
			same(r.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message || n.failureSummary || '')).join('; ')}`), [], `${what || name}: axe has nothing to say (${r.passes.length} rules)`);
		},
		shot: async (as) => { if (shots) await page.screenshot({ path: join(shots, as + '.png'), fullPage: true }); },
		fits: async (what) => same(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${what || name}: nothing is wider than the window`),
	};
	page.on('console', (m) => { if (m.type() === 'error' && !t.expected(m.text())) wrong.push('console: ' + m.text()); });
	page.on('pageerror', (e) => wrong.push('error: ' + e.message));
	page.on('request', (r) => { const u = new URL(r.url()); if (/^http/.test(u.protocol) && !hosts.has(u.host)) wrong.push('asked ' + r.url()); });
	page.on('dialog', (d) => d.accept());
	t.close = () => context.close();
	return t;
}

const tests = readdirSync(here).filter((f) => /^page_.*\.mjs$/.test(f)).map((f) => f.slice(5, -4)).filter((f) => !chosen.length || chosen.includes(f)).sort((a, b) => (a === 'live') - (b === 'live') || (a < b ? -1 : 1));
let browser;
try {
	up();
	tarn('emit', 'pinterest', '--count', '20');
	browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
	for (const name of tests) {
		const test = await import(join(here, `page_${name}.mjs`)), t = await open(browser, name, test.options);
		Object.assign(t, { up, browser, another: (o) => open(browser, name, o), data });
		try {
			await test.default(t);
		} catch (e) {
			ok(false, `${name}: ${e.message.split('\n')[0]}`, e.stack + '\n' + await t.page.locator('body').innerText().catch(() => ''));
			await t.shot('failed-' + name);
		}
		same(t.wrong, [], `${name}: no error in the console, nothing asked of another host`);
		await t.close();
	}
} finally {
	await browser?.close();
	try { tarn('down'); } catch (e) { console.log('# ' + e.message); }
	rmSync(data, { recursive: true, force: true });
}
console.log(`1..${checks}`);
process.exit(failures ? 1 : 0);
