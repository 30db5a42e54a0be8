/** What holds for every OCPP socket, to stations and to the CSMS: its sub-protocol and its longest frame (OCPP-J 1.6 §3.1.2). */

export const SUB_PROTOCOL = 'ocpp1.6'
/** Certificate chains, local lists and transactionData reach hundreds of kB. */
export const MAX_FRAME_BYTES = 1024 * 1024
/** Before the first accepted boot nobody needs more (proxy rule 6); the session sets it on the leg. */
export const MAX_TEXT_BYTES_BEFORE_BOOT = 64 * 1024
