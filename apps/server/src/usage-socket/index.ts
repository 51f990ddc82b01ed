export { createUseAnswer, type UseAnswerOptions } from "./answer-uses.ts";
export { listenForUses, type UsageListener } from "./listen-for-uses.ts";
