const BEARER = /^Bearer +([\w-]{1,200})$/i;

/** The key in an Authorization header; empty when there is none that could be one. */
export function readBearerKey(authorization: string | undefined): string {
  return BEARER.exec(authorization ?? "")?.[1] ?? "";
}
