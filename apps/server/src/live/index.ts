export { attachLiveGateway, type LiveGateway, type LiveGatewayOptions } from "./attach-live-gateway.ts";
export { type LiveLimits, liveLimits } from "./live-limits.ts";
