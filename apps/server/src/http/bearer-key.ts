const BEARER = /^Bearer +([\w-]{1,200})$/i;

let last = { authorization: "", key: "" };

/** The key in an Authorization header; empty when there is none that could be one. The same header comes again and again. */
export function readBearerKey(authorization = ""): string {
  if (authorization !== last.authorization) last = { authorization, key: BEARER.exec(authorization)?.[1] ?? "" };
  return last.key;
}
