// Opens the pages of two runs, one that passed and one that did not, in a browser without a window, and uses them.
// Usage: node page.test.mjs FOLDER, where the folder holds passed.html and failed.html. Screenshots go there, too.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const folder = resolve(process.argv[2] ?? '.');
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

const lit = page => page.locator('.picture .ev.on[id]').evaluateAll(all => all.map(g => g.id));
const said = page => page.locator('#now').innerText();

async function open(name, colorScheme, width) {
    // The page forbids itself everything but its own script: the checker is let in past that.
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
    const page = await context.newPage();
    const wrong = [];
    page.on('console', message => { if (['error', 'warning'].includes(message.type())) wrong.push(message.text()); });
    page.on('pageerror', error => wrong.push(String(error)));
    page.on('request', request => { if (!request.url().startsWith('file:')) wrong.push(`asks for ${request.url()}`); });
    await page.goto(pathToFileURL(resolve(folder, `${name}.html`)).href);
    return { page, wrong, close: () => context.close() };
}

const checks = {
    async 'is wide enough for 1280 pixels'(page) {
        const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(content <= window, `the page is ${content} pixels wide in a window of ${window}`);
    },
    async 'axe finds nothing serious'(page) {
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        const serious = violations.filter(found => ['serious', 'critical'].includes(found.impact));
        const told = serious.map(found => `${found.id}: ${found.help}: ${found.nodes[0].html.slice(0, 200)}`);
        assert.deepEqual(told, []);
    },
    async 'pointing at an event lights what it followed from and led to'(page) {
        const chosen = page.locator('.picture .ev[id][data-past~="e1"]').first();
        await chosen.hover();
        const id = await chosen.getAttribute('id');
        const on = await lit(page);
        assert.ok(on.includes(id) && on.includes('e1'), `${id} lights ${on}`);
        const all = await page.locator('.picture .ev[id]').count();
        assert.ok(on.length < all, 'and not everything');
        await page.mouse.move(0, 0);
        assert.deepEqual(await lit(page), []);
    },
    async 'the arrow keys step from event to event, and are read out'(page) {
        await page.locator('#picture').focus();
        await page.keyboard.press('ArrowRight');
        const first = await said(page);
        await page.keyboard.press('ArrowDown');
        const second = await said(page);
        assert.ok(first && second && first !== second, `${first} | ${second}`);
        await page.keyboard.press('ArrowLeft');
        assert.equal(await said(page), first);
        await page.keyboard.press('End');
        await page.keyboard.press('ArrowRight');
        assert.equal((await page.locator('.picture .ev.here').count()), 1);
        await page.keyboard.press('Escape');
        assert.deepEqual([await lit(page), await said(page)], [[], '']);
    },
    async 'what has the focus is seen'(page) {
        for (let stops = 0; stops < 12; stops++) {
            await page.keyboard.press('Tab');
            const [tag, outline] = await page.evaluate(() => {
                const { activeElement: at } = document;
                return [at.tagName, getComputedStyle(at).outlineStyle];
            });
            if (tag === 'BODY') return;
            assert.notEqual(outline, 'none', `${tag} has the focus, and nobody sees it`);
        }
    },
    async 'the command is copied'(page) {
        await page.locator('#copy').click();
        assert.equal(await page.locator('#copy').innerText(), 'copied');
        assert.match(await page.evaluate(() => getSelection().toString()), /^cargo sim show /);
    },
};

const ofFailures = {
    async 'f goes to the failure'(page) {
        await page.keyboard.press('f');
        const failure = await page.locator('#picture').getAttribute('data-failure');
        assert.ok((await lit(page)).includes(failure));
        assert.ok(await page.locator(`#${failure}`).isVisible());
        await page.keyboard.press('Escape');
    },
    async 'the verdict, the evidence and the first difference are there'(page) {
        assert.equal(await page.locator('.verdict').innerText(), '✕ FAIL');
        assert.ok(await page.locator('header .evidence').isVisible());
        assert.equal(await page.locator('#first').count(), 1);
    },
};

let failed = 0;
for (const name of ['passed', 'failed']) {
    for (const colorScheme of ['light', 'dark']) {
        const { page, wrong, close } = await open(name, colorScheme, 1280);
        const all = { ...checks, ...(name === 'failed' ? ofFailures : {}) };
        for (const [what, check] of Object.entries(all)) {
            try {
                await check(page);
                console.log(`ok      ${name}, ${colorScheme}: ${what}`);
            } catch (error) {
                failed += 1;
                console.log(`FAILED  ${name}, ${colorScheme}: ${what}\n        ${error.message}`);
            }
        }
        await page.keyboard.press('Escape');
        await page.screenshot({ path: resolve(folder, `${name}-${colorScheme}.png`), fullPage: true });
        if (wrong.length) {
            failed += 1;
            console.log(`FAILED  ${name}, ${colorScheme}: the console is quiet\n        ${wrong.join('\n        ')}`);
        }
        await close();
    }
}
await browser.close();
console.log(`${failed} failed; screenshots in ${folder}`);
process.exitCode = failed ? 1 : 0;
