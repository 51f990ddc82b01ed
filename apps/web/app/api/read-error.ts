import type { ErrorData } from "@guildhall/api";

/** What a page knows of a refused or failed call. */
export interface ApiError {
  /** HTTP status of the refusal; 500 for a defect, 0 when the server could not be reached. */
  status: number;
  /** The product's own code, or null for a defect. */
  code: ErrorData["domainCode"];
  message: string;
  fieldErrors: Record<string, string>;
  details: Record<string, string | number>;
  requestId: string | null;
}

interface Shape {
  message: string;
  data?: Partial<ErrorData> & { httpStatus?: number };
}

/** Reads an error of the API client, in process or over the wire; undefined for an error that is none of its own. */
export function readApiError(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || error.name !== "TRPCClientError") return undefined;
  const { message, data } = error as Error & Shape;
  return {
    status: data?.httpStatus ?? 0,
    code: data?.domainCode ?? null,
    message: data ? message : "The server could not be reached. Check your connection and try again.",
    fieldErrors: data?.fieldErrors ?? {},
    details: data?.details ?? {},
    requestId: data?.requestId ?? null,
  };
}
