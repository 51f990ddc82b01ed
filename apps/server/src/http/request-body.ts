import { DomainError } from "@guildhall/shared";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";

const BODILESS_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Largest body of a form or a tRPC call, in bytes. */
export const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * Refuses a larger body: by its announced length before reading, else while reading.
 * @throws DomainError("too_large") with the limit
 */
export function limitBody(maxSizeBytes: number = BODY_LIMIT_BYTES): MiddlewareHandler {
  const refuse = (): never => {
    throw new DomainError("too_large", { maxSizeBytes });
  };
  const limitWhileReading = bodyLimit({ maxSize: maxSizeBytes, onError: refuse });
  return async (c, next) => {
    const announced = c.req.header("content-length");
    const isAnnounced = announced === undefined ? BODILESS_METHODS.has(c.req.method) : /^\d{1,15}$/.test(announced);
    // Node's parser passes on no more than was announced. Looking at the body itself costs a third of a small request.
    if (!isAnnounced || c.req.header("transfer-encoding") !== undefined) return limitWhileReading(c, next);
    if (Number(announced ?? 0) > maxSizeBytes) refuse();
    await next();
  };
}

/** Largest body of a form that takes a file, in bytes. */
export const FILE_LIMIT_BYTES = 512 * 1024;

/** The one page whose form takes a file: a list of people to invite. `.data` is how a page with scripts sends it. */
const FILE_FORM = /^\/o\/[^/]+\/invites\/many(\.data)?$/;

/** Like limitBody, with room for a file where a page takes one. @throws DomainError("too_large") with the limit */
export function limitBodyOfPages(): MiddlewareHandler {
  const usual = limitBody();
  const wide = limitBody(FILE_LIMIT_BYTES);
  return (c, next) => (FILE_FORM.test(c.req.path) ? wide : usual)(c, next);
}

/**
 * Takes application/json and nothing else. A page of any site can send a form, multipart or plain text here without
 * asking first; JSON makes its browser ask (preflight), and we do not answer that.
 * @throws DomainError("unsupported_media_type")
 */
export function requireJson(): MiddlewareHandler {
  return async (c, next) => {
    const isJson = mediaTypeOf(c) === "application/json";
    if (!isJson && !BODILESS_METHODS.has(c.req.method)) throw new DomainError("unsupported_media_type");
    await next();
  };
}

/** What a request says its body is, without parameters, in lower case; empty when it says nothing. */
export function mediaTypeOf(c: Context): string {
  return (c.req.header("content-type")?.split(";", 1)[0] ?? "").trim().toLowerCase();
}
