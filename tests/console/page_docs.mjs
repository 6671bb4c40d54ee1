// Help topics are found, read and lead to each other; what is served is searched.
export default async (t) => {
	const { page } = t;
	await t.goto('/docs');
	await page.keyboard.press('/');
	await page.keyboard.type('connectors');
	await page.getByRole('link', { name: 'connect', exact: true }).first().click();
	await t.sees('main h2', 'connect', 'a topic');
	await t.sees('.helptext', 'connector', 'with its text');
	await t.axe('docs, a topic');
	await t.shot('docs-topic');
	await page.getByRole('link', { name: /All operations/ }).click();
	await page.getByLabel('Filter').fill('kinesis putrecords');
	await t.sees('main tbody', 'PutRecords', 'what is served');
	await t.axe('docs, operations');
	await t.shot('docs-operations');
};
