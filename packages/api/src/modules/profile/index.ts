export { profileRouter } from "./profile.router.ts";
