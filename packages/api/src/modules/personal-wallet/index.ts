export { personalWalletRouter } from "./personal-wallet.router.ts";
export { ensurePersonalWallet } from "./personal-wallet.ts";
