// One line of JSON in, one out: looks at pages in a real browser as people of different kinds would.
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const questions = [];
for await (const line of createInterface({ input: process.stdin })) questions.push(JSON.parse(line));

const browser = await chromium.launch({ executablePath: questions[0].browser, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
for (const question of questions) {
  const context = await browser.newContext({
    baseURL: question.base, viewport: { width: question.width, height: 900 }, colorScheme: question.scheme, javaScriptEnabled: question.script, reducedMotion: "reduce",
  });
  const said = [];
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") said.push(m.text()); });
  page.on("pageerror", (e) => said.push(String(e)));
  try {
    console.log(JSON.stringify({ ...(await answer(question, page)), said }));
  } catch (e) {
    console.log(JSON.stringify({ failed: `${question.what}: ${e.message} at ${page.url()}: ${(await page.locator("main").textContent({ timeout: 1000 }).catch(() => ""))?.slice(0, 2000)}`, said }));
  }
  await context.close();
}
await browser.close();

async function answer(question, page) {
  if (question.what === "look") {
    if (question.signIn) await signIn(page, question.key);
    await page.goto(question.path);
    return { pages: [await inspect(page, question)] };
  }
  // An operator's way: sign in, start something, follow it to its end, sign out.
  const pages = [];
  await page.goto("/ops");
  const asked = new URL(page.url()).pathname;
  if (question.script) pages.push(await inspect(page, { ...question, shot: null }));
  await signIn(page, question.key);
  await page.getByRole("button", { name: question.button }).click();
  await page.waitForURL(/\/ops\/jobs\//);
  const seen = new Set();
  for (let state = ""; !/^(Succeeded|Failed|Cancelled)/.test(state);) {
    state = ((await page.locator("#live [role=status]").first().textContent().catch(() => "")) ?? "").trim();
    if (state) seen.add(state);
    await new Promise((r) => setTimeout(r, 50));
  }
  if (question.script) pages.push(await inspect(page, question));
  const text = await page.locator("main").innerText();
  await page.goto("/ops");
  const cookies = (await page.context().cookies()).filter((c) => c.name === "rwa-ops").map((c) => ({ httpOnly: c.httpOnly, sameSite: c.sameSite }));
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/sign-in/);
  await page.goto("/ops");
  return { asked, pages, seen: [...seen], text, cookies, after: new URL(page.url()).pathname };
}

async function signIn(page, key) {
  await page.goto("/ops/sign-in");
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/ops");
}

async function inspect(page, question) {
  if (question.shot) await page.screenshot({ path: question.shot, fullPage: true });
  const found = { title: await page.title(), headings: await page.locator("h1, h2").allInnerTexts(), overflow: 0, violations: [] };
  found.overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (question.script) {
    await page.evaluate(axe);
    const report = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    found.violations = report.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} ${n.failureSummary?.replaceAll("\n", " ")}`));
  }
  return found;
}
