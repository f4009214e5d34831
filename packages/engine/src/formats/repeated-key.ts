/**
 * A key that an object in a JSON text, which is known to be valid, has twice: `JSON.parse` keeps the last alone and says
 * nothing. Objects nested deeper than `levels` are not looked at.
 */
export function repeatedKey(json: string, levels = 1): string | undefined {
  /** Keys of the objects around the place; undefined for lists. */
  const around: (Set<string> | undefined)[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{') around.push(new Set());
    else if (character === '[') around.push(undefined);
    else if (character === '}' || character === ']') around.pop();
    else if (character === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
      const keys = around.length > levels ? undefined : around[around.length - 1];
      if (!keys || !isFollowedByColon(json, i + 1)) continue;
      const key: string = JSON.parse(json.slice(start, i + 1));
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

function isFollowedByColon(json: string, place: number): boolean {
  let i = place;
  while (/\s/.test(json[i] ?? '')) i++;
  return json[i] === ':';
}
