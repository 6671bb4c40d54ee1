// The same templates on npm velocityjs, parsed once, with the simplest $input and $util that serve them.
const { Compile, parse } = require('velocityjs');
const rounds = Number(process.env.ROUNDS || 20000);

function at(o, path) {
	for (const k of path.replace(/^\$\.?/, '').split('.').filter(Boolean)) {
		if (o == null) return '';
		o = o[k];
	}
	return o === undefined ? '' : o;
}

for (const v of require(require('path').resolve(process.argv[2])).vectors) {
	const ast = parse(v.template), body = v.body || '{}';
	const context = {
		input: {
			body,
			path: p => at(JSON.parse(body), p),
			json: p => JSON.stringify(at(JSON.parse(body), p)),
			params: n => v.params.path[n] || '',
		},
		util: { base64Encode: s => Buffer.from(String(s)).toString('base64') },
	};
	for (let i = 0; i < 2000; i++) new Compile(ast).render(context);
	const start = process.hrtime.bigint();
	for (let i = 0; i < rounds; i++) new Compile(ast).render(context);
	console.log(v.id, (Number(process.hrtime.bigint() - start) / rounds / 1000).toFixed(3));
}
