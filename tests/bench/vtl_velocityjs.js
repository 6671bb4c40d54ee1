// The same templates on npm velocityjs, each parsed once: prints "id us" for each in the file given. As on our side a
// render starts from the request's body text and parameters, reads the body as JSON when the template first asks for a
// part of it, once, and gives the output's text. MS (200): the least time of a template, after half as much warming up.
const { Compile, parse } = require('velocityjs');
const ms = Number(process.env.MS || 200);

function at(o, path) {
	for (const k of path.replace(/^\$\.?/, '').split('.').filter(Boolean)) {
		if (o == null) return '';
		o = o[k];
	}
	return o === undefined ? '' : o;
}

const util = { base64Encode: s => Buffer.from(String(s)).toString('base64') };

function input(v) {
	const body = v.body || '{}';
	let read;
	const json = () => read === undefined ? read = JSON.parse(body) : read;
	return {
		body,
		path: p => at(json(), p),
		json: p => JSON.stringify(at(json(), p)),
		params: n => v.params.path[n] || '',
	};
}

// Microseconds a render, for at least so many milliseconds.
function time(render, least) {
	const start = process.hrtime.bigint();
	for (let rounds = 0, taken; ;) {
		for (let i = 0; i < 1000; i++) render();
		rounds += 1000;
		taken = Number(process.hrtime.bigint() - start) / 1000;
		if (taken >= least * 1000) return taken / rounds;
	}
}

for (const v of require(require('path').resolve(process.argv[2])).vectors) {
	const ast = parse(v.template);
	const render = () => new Compile(ast).render({ input: input(v), util });
	if (process.env.SHOW) console.log(render());
	time(render, ms / 2);
	console.log(v.id, time(render, ms).toFixed(3));
}
