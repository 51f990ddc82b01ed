export { attachLiveGateway } from "./attach-live-gateway.ts";
