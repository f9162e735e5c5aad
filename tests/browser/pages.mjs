// Opens reports in a headless browser as a person with a screen reader, a small screen or a printer would meet them.
//
//     node pages.mjs CHROMIUM FOLDER WORK        FOLDER: SUBJECT-LANGUAGE.html; WORK: an empty folder
//
// Each page must have: no violation of WCAG 2.2 A and AA that axe-core finds; the language that its name says; one main landmark with one h1, and no level
// of headings left out; captions and headers on tables; texts for pictures; no request but for itself; nothing wider than a
// screen of 320 px; and as PDF its text, on pages that cut no entry that fits on one.
// Then copies with one defect each, which must be found. Prints "accepted N pages…" and "refused N…"; exit code 1 with what was wrong.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, basename } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, folder, work] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const PATIENCE = 300000; // ms: a machine that is busy with other things is slow, not wrong
const A4 = { width: 794, height: 1123 }; // px, at 96 to the inch
const pdftotext = (() => {
	try {
		execFileSync("pdftotext", ["-v"], { stdio: "ignore" });
		return true;
	} catch {
		return false;
	}
})();

// What can be read off the page itself. Runs in the browser.
function read(wanted) {
	const problems = [];
	const bad = (rule, text) => problems.push([rule, text]);
	const all = (selector) => [...document.querySelectorAll(selector)];
	const about = (element) => `${element.localName} "${element.textContent.trim().slice(0, 40)}"`;
	if (document.documentElement.lang !== wanted) bad("lang", `lang is "${document.documentElement.lang}", not "${wanted}"`);
	if (document.title.trim() === "") bad("title", "there is no title");
	if (all("main").length !== 1) bad("landmark", `${all("main").length} main landmarks`);
	if (all("main h1").length !== 1 || all("h1").length !== 1) bad("headings", `${all("h1").length} headings of level 1`);
	let before = 0;
	for (const heading of all("h1,h2,h3,h4,h5,h6")) {
		const level = Number(heading.localName[1]);
		if (level > before + 1) bad("headings", `${about(heading)} follows level ${before}`);
		before = level;
	}
	for (const table of all("table")) {
		if (!table.caption || table.caption.textContent.trim() === "") bad("table", "a table without a caption");
		for (const row of table.tBodies[0]?.rows ?? []) {
			const named = row.querySelector("th[scope=row]") || (table.tHead && table.tHead.rows[0].cells.length === row.cells.length);
			if (!named) bad("table", `a row without a header: ${about(row)}`);
		}
		for (const header of table.querySelectorAll("th")) if (!header.scope) bad("table", `no scope: ${about(header)}`);
	}
	for (const picture of all("img,svg,[role=img]"))
		if (!(picture.getAttribute("alt") || picture.getAttribute("aria-label") || picture.querySelector("title"))) bad("alt", "a picture without a text");
	const ids = all("[id]").map((element) => element.id);
	if (new Set(ids).size !== ids.length) bad("ids", "an id stands twice");
	return problems;
}

// What is wider than the screen, unless it scrolls in a frame of its own that the keyboard reaches. Runs in the browser.
function overflowing() {
	const width = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth > width) {
		const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest("[tabindex='0']"));
		return `${document.documentElement.scrollWidth} px wide: ${wide.map((e) => `${e.localName} "${e.textContent.trim().slice(0, 30)}"`).slice(-1)}`;
	}
	const cut = [...document.querySelectorAll("body *")].find((e) => e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible" && e.tabIndex < 0);
	return cut ? `${cut.localName} scrolls and the keyboard does not reach it` : "";
}

// Writes a mark before and behind each entry and tells which are short enough for one sheet. Runs in the browser.
function mark(height) {
	return [...document.querySelectorAll("section.entry")].map((entry, at) => {
		const fits = entry.getBoundingClientRect().height < height;
		const [begin, end] = ["begin", "end"].map((word) => Object.assign(document.createElement("div"), { textContent: `${word}-mark-${at}.` }));
		begin.style.font = end.style.font = "4pt sans-serif";
		entry.prepend(begin);
		entry.append(end);
		return fits;
	});
}

async function printed(page, name) {
	const problems = [];
	await page.setViewportSize({ width: A4.width - 151, height: A4.height - 151 }); // less 2 cm at each side
	await page.emulateMedia({ media: "print" });
	const title = await page.title();
	const fits = await page.evaluate(mark, A4.height - 151 - 40);
	const file = join(work, `${name}.pdf`);
	await page.pdf({ path: file, format: "A4", preferCSSPageSize: true });
	if (readFileSync(file).subarray(0, 5).toString() !== "%PDF-") return { problems: [["pdf", "it is none"]], pages: 0 };
	if (!pdftotext) return { problems, pages: 0 };
	const sheets = execFileSync("pdftotext", ["-layout", file, "-"], { maxBuffer: 1 << 28 }).toString().split("\f").slice(0, -1);
	const flat = (text) => text.replace(/\s+/g, "");
	if (sheets.length === 0) problems.push(["pdf", "it has no page"]);
	if (!flat(sheets[0] ?? "").includes(flat(title).slice(0, 60))) problems.push(["pdf", "the title is not in its text"]);
	sheets.forEach((sheet, at) => {
		if (!new RegExp(`\\b${at + 1} */ *${sheets.length}\\b`).test(sheet)) problems.push(["pdf", `sheet ${at + 1} of ${sheets.length} has no number`]);
	});
	const on = (text) => sheets.findIndex((sheet) => sheet.includes(text));
	fits.forEach((one, at) => {
		const [begin, end] = [on(`begin-mark-${at}.`), on(`end-mark-${at}.`)];
		if (begin < 0 || end < 0) problems.push(["pdf", `entry ${at} of the page is not in its text`]);
		else if (one && begin !== end) problems.push(["cut", `entry ${at} of the page begins on sheet ${begin + 1} and ends on ${end + 1}`]);
	});
	return { problems, pages: sheets.length };
}

async function judge(browser, path, language) {
	const problems = [];
	const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: language });
	context.setDefaultTimeout(PATIENCE);
	const page = await context.newPage();
	const address = pathToFileURL(path).href;
	page.on("request", (request) => {
		if (request.url() !== address) problems.push(["network", `it asks for ${request.url().slice(0, 60)}`]);
	});
	page.on("console", (message) => {
		if (message.type() === "error") problems.push(["network", message.text().slice(0, 160)]);
	});
	page.on("pageerror", (error) => problems.push(["script", error.message]));
	await page.goto(address);
	problems.push(...(await page.evaluate(read, language)));
	await page.evaluate(axe);
	for (const width of [1200, 320]) {
		await page.setViewportSize({ width, height: 900 });
		const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: { type: "tag", values: tags } }), TAGS);
		if (found.passes.length < 10) problems.push(["axe", `only ${found.passes.length} rules applied`]);
		for (const { id, help, nodes } of found.violations) problems.push(["axe", `${id}: ${help}: ${nodes[0].html.slice(0, 80)}`]);
	}
	const wide = await page.evaluate(overflowing);
	if (wide) problems.push(["overflow", wide]);
	const print = await printed(page, basename(path, ".html"));
	problems.push(...print.problems);
	await context.close();
	return { problems, pages: print.pages };
}

// One defect each, and the rule that has to notice it.
const DEFECTS = [
	["lang", (html) => html.replace(/<html lang="[a-z]+">/, '<html lang="fr">')],
	["axe", (html) => html.replace(/<html lang="[a-z]+">/, "<html>")],
	["axe", (html) => html.replace("color:#111", "color:#bbb")],
	["landmark", (html) => html.replace("<main>", "<div>").replace("</main>", "</div>")],
	["headings", (html) => html.replace(/<h2([ >].*?)<\/h2>/, "<h4$1</h4>")],
	["headings", (html) => html.replace(/<h1>(.*?)<\/h1>/, "<p>$1</p>")],
	["table", (html) => html.replace(/<caption>.*?<\/caption>/, "")],
	["table", (html) => html.replace(/<th scope="row">(.*?)<\/th>/, "<td>$1</td>")],
	["alt", (html) => html.replace("</h1>", '</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">')],
	["network", (html) => html.replace("</h1>", '</h1><img alt="a logo" src="http://127.0.0.1:9/logo.png">')],
	["network", (html) => html.replace("</h1>", "</h1><script>document.title += 1</script>")],
	["ids", (html) => html.replace('id="proof"', 'id="entries"')],
	["overflow", (html) => html.replace("</h1>", `</h1><p style="white-space:nowrap">${"word ".repeat(40)}</p>`)],
	["overflow", (html) => html.replaceAll("overflow-wrap:anywhere", "")],
	...(pdftotext ? [["cut", (html) => html.replaceAll("break-inside:avoid", "").replaceAll("break-after:avoid", "")]] : []),
];

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"], timeout: PATIENCE });
let failed = 0;
const files = readdirSync(folder).filter((name) => name.endsWith(".html"));
let sheets = 0;
for (const name of files) {
	const { problems, pages } = await judge(browser, join(folder, name), name.replace(/^.*-|\.html$/g, ""));
	sheets += pages;
	for (const [rule, text] of problems) console.error(`${name}: ${rule}: ${text}`);
	failed += problems.length;
}
if (files.length < 8) failed += console.error(`only ${files.length} pages to look at`) ?? 1;
for (const [at, [rule, damage]] of DEFECTS.entries()) {
	const original = readFileSync(join(folder, rule === "cut" ? "participant-en.html" : "item-en.html"), "utf8");
	const damaged = damage(original);
	const path = join(work, `damaged-${at}.html`);
	writeFileSync(path, damaged);
	const { problems } = damaged === original ? { problems: [] } : await judge(browser, path, "en");
	if (!problems.some(([found]) => found === rule)) failed += console.error(`a defect that nothing found: ${rule}, no. ${at}${damaged === original ? " (it changes nothing)" : ""}`) ?? 1;
}
await browser.close();
if (failed > 0) process.exit(1);
console.log(`accepted ${files.length} pages in ${browser.version ? "Chromium " + browser.version() : "a browser"}${pdftotext ? `, ${sheets} sheets of PDF` : " (no pdftotext: the PDF was not read)"}`);
console.log(`refused ${DEFECTS.length} copies with a defect`);
