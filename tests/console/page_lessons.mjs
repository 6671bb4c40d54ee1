// A lesson: a step is checked before it is done, shown, and checked again.
export default async (t) => {
	const { page } = t;
	await t.goto('/lessons');
	await t.sees('main', '03 flush.size', 'the lessons');
	await t.axe('lessons');
	await page.getByRole('link', { name: /^02 Gateway to Kinesis/ }).click();
	await t.sees('h1', 'Gateway to Kinesis', 'one of them');
	await t.goto('/lessons/03');
	await page.getByRole('button', { name: 'Begin anew' }).click();
	await t.sees('main', 'Everything is new', 'everything begins anew');
	await page.getByRole('button', { name: 'Check step 3' }).click();
	await t.sees('section.card:nth-of-type(3)', 'not yet', 'a step that isn’t done');
	await t.sees('section.card:nth-of-type(3)', 'want == 2', 'says what is wanted, and what there is');
	for (const n of [1, 2]) {
		await page.getByRole('button', { name: `Show me step ${n}` }).click();
		await t.sees(`section.card:nth-of-type(${n})`, 'done', `step ${n} is shown`);
	}
	await t.axe('a lesson');
	await t.shot('lesson');
	const small = await t.another({ width: 320, height: 700, theme: 'dark' });
	await small.goto('/lessons/03');
	await small.sees('h1', 'flush.size', 'on a small screen, too');
	await small.fits('a lesson at 320 px');
	await small.axe('a lesson, dark, 320 px');
	await small.close();
};
