import { expect, test } from "bun:test";
import { escapeHtml } from "../../src/site/html-text.ts";

test.each([
  ["", ""],
  ["plain text, ünï…", "plain text, ünï…"],
  ["<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
  [`"x" onclick='y'`, "&quot;x&quot; onclick=&#39;y&#39;"],
  ["a &lt; b & c", "a &amp;lt; b &amp; c"],
  ["<<>>", "&lt;&lt;&gt;&gt;"],
])("%p becomes %p", (text, escaped) => expect(escapeHtml(text)).toBe(escaped));
