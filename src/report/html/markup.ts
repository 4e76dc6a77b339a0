/** What all pages are made with: templates that escape what they show, and a policy under which nothing else happens. */
import { createHash } from 'node:crypto';
import { Eta } from 'eta';
import { htmlText } from '../escape.ts';

/** Strings that can grow are cut before; this bounds the others. */
export const MAX_TEXT_CHARACTERS = 16_384;

/** Template of what stands before the body: of `policy`, `tool`, `title`, and `css`. */
export const PAGE_HEAD = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="<%= it.policy %>">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="<%= it.tool %>">
<title><%= it.title %></title>
<style><%~ it.css %></style>
</head>
`;

const eta = new Eta({
  escapeFunction: (value) => htmlText(String(value), MAX_TEXT_CHARACTERS),
  // Empty lines and indentation of the templates; texts have no line breaks.
  rmWhitespace: true,
});

/** The template as a function of its data. */
export function compile(template: string): (data: object) => string {
  const fill = eta.compile(template);
  return (data) => eta.render(fill, data);
}

/** Nothing may be fetched, run or sent; the one style sheet is known by its hash (Content Security Policy Level 3, 2.3.1). */
export function policyFor(css: string): string {
  const hash = createHash('sha256').update(css).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}
