// Every page of the navigation, as it stands when it is opened: axe in both themes, nothing wider than a phone, each by its keys alone.
export default async (t) => {
	const { page } = t;
	await t.goto('/');
	const keys = await page.locator('header nav a').evaluateAll((all) => all.map((a) => [a.title.slice(2), a.textContent.trim(), a.getAttribute('href')]));
	t.same(keys.length, 9, 'nine pages');
	const small = await t.another({ theme: 'dark', width: 320, height: 640 });
	for (const [key, name, path] of keys) {
		await page.locator('main').focus();
		await page.keyboard.press('g');
		await page.keyboard.press(key);
		await page.waitForFunction((x) => document.title.startsWith(x), name, { timeout: 15000 });
		await page.waitForTimeout(500);
		t.same([new URL(page.url()).pathname, await page.locator('main h1').count()], [path, 1], `g ${key} leads to ${name}`);
		await t.axe(name);
		await t.shot('all-' + name);
		await small.goto(path);
		await small.page.waitForTimeout(500);
		await small.fits(`${name} at 320 px`);
		await small.axe(`${name}, dark, 320 px`);
		// All of it is reached by Tab, and what has the focus is seen.
		const unseen = await page.evaluate(() => [...document.querySelectorAll('main a[href], main button, main input, main select, main textarea, main summary')]
			.filter((e) => e.tabIndex < 0 && e.getAttribute('role') !== 'tab' && !e.disabled).map((e) => e.outerHTML.slice(0, 80)));
		t.same(unseen, [], `${name}: nothing is left out of Tab’s way`);
	}
	t.same(small.wrong, [], 'and nothing went wrong');
	await small.close();
	
	t.same((await t.ask('/nope')).status, 404, 'a page that isn’t there is none');
};
