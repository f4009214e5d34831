import { describe, expect, it } from 'vitest';
import { htmlText } from './html-text.ts';

const words = (html: string) => htmlText(html).replace(/\s+/g, ' ').trim();

describe('htmlText', () => {
  it('keeps the words and drops the rest', () => {
    expect(
      words(
        '<html><head><title>no</title></head><body><p>Dear&nbsp;friend,</p><br>win <b>$500</b>&#33;</body></html>',
      ),
    ).toBe('Dear friend, win $500!');
    expect(words('a<script>evil("</p>")</script>b<style>p { color: red }</style>c<!-- hidden --> d')).toBe(
      'a b c d',
    );
  });

  it('puts what stands in blocks on lines of their own', () => {
    expect(words('<td>1</td><td>2</td>V<b></b>i<i>ag</i>ra')).toBe('1 2 Viagra');
    expect(htmlText('<td>one</td></tr><tr><td>two</td>').split('\n')).toHaveLength(3);
  });

  it('takes broken markup and impossible entities as they come', () => {
    expect(words('<p>open <b>ended')).toBe('open ended');
    expect(words('<!-- never closed')).toBe('');
    expect(words('&#0; &#1114112; &#xD800; &unknown; &amp;lt;')).toBe('&unknown; &lt;');
  });
});
