// A DAG is triggered, its tasks are a grid, a cell leads to its log; jobs are below.
export default async (t) => {
	const { page } = t;
	await t.goto('/runs');
	await t.sees('section.card', 'No run yet', 'nothing has run');
	await page.getByRole('button', { name: 'Trigger' }).first().click();
	await t.sees('.daggrid', 'running', 'a DAG runs');
	t.tarn('clock', 'freeze');
	t.tarn('clock', 'advance', '5m');
	await t.sees('.daggrid', 'success', 'to its end, as the clock goes on');
	await page.locator('.daggrid button.cell').first().click();
	await t.sees('section[aria-label=Log] pre', 'INFO', 'a cell leads to its log');
	await t.sees('section.card:has(h2:text("Jobs")) tbody', 'success', 'the job that it made is listed');
	await t.axe();
	await t.shot('runs');
	await page.getByRole('button', { name: 'Pause' }).first().click();
	await t.sees('section.card h2', 'paused', 'and it can be paused');
	const small = await t.another({ width: 320, height: 700, theme: 'dark' });
	await small.goto('/runs');
	await small.sees('.daggrid', 'success', 'at 320 px');
	await small.fits('runs at 320 px');
	await small.axe('runs, dark, 320 px');
	await small.close();
	t.tarn('clock', 'resume');
};
