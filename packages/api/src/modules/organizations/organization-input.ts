import { isPlainLine } from "@guildhall/shared";
import { z } from "zod";

/** What an organization may be called. */
export const organizationName = z
  .string()
  .trim()
  .min(1, "Give the organization a name.")
  .max(100, "The name can have at most 100 characters.")
  .refine(isPlainLine, "Leave out control characters and line breaks.");

/** What may stand in a URL: fixed after setup (S3.8). */
export const organizationSlug = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, "Give the organization a slug.")
  .max(48, "The slug can have at most 48 characters.")
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, "Use letters a–z, digits and hyphens, with no hyphen at the ends.");

/** Made when a form is rendered, so that sending it twice acts once. */
export const idempotencyKey = z
  .string()
  .min(1, "The form lacks its idempotency key. Reload the page.")
  .max(200, "The idempotency key can have at most 200 characters.");
