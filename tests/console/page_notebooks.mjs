// A notebook is chosen, read, run, and shows what its cells gave.
export default async (t) => {
	const { page } = t;
	t.tarn('clean');
	await t.goto('/notebooks');
	await page.getByRole('navigation', { name: 'Notebooks' }).getByRole('link', { name: 'query_batch_data', exact: true }).click();
	await t.sees('.cells', 'percentile_approx', 'its cells');
	await t.axe('notebook');
	await page.getByRole('button', { name: 'Run' }).click();
	await page.locator('.books .badge', { hasText: /success|failed/ }).waitFor({ timeout: 60000 });
	await t.sees('.books .badge', 'success', 'it runs as a job');
	await t.sees('.cells table', 'country', 'what display shows is a table');
	await t.axe('notebook with its output');
	await t.shot('notebooks');
	const small = await t.another({ width: 320, height: 700 });
	await small.goto(new URL(page.url()).pathname);
	await small.sees('.cells', 'percentile_approx', 'by its own address, too');
	await small.fits('notebook at 320 px');
	await small.close();
};
