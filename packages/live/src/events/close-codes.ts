/**
 * Why the server closed a live connection, by WebSocket close code. A page shows the first two; after the others the
 * client simply connects again and resumes from the last event that it saw.
 */
export const liveCloseCodes = {
  /** The session has ended (signed out, expired): sign in again, do not reconnect. */
  sessionEnded: 4401,
  /** The server is being restarted: reconnect. */
  restarting: 1012,
  /** The client did not read fast enough: reconnect and resume. */
  tooSlow: 1013,
  /** The client broke a limit or the protocol: a defect of the page. */
  policyViolated: 1008,
} as const;

/** The reason text beside the code; a stable word, not a sentence. */
export const liveCloseReasons = {
  [liveCloseCodes.sessionEnded]: "session_ended",
  [liveCloseCodes.restarting]: "restarting",
  [liveCloseCodes.tooSlow]: "too_slow",
  [liveCloseCodes.policyViolated]: "policy_violated",
} as const;
