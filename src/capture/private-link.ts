/**
 * LINKTYPE_USER0, which everybody may use as they like: stands for media of a format that have no LINKTYPE_ number. Their packets are
 * handed out, and counted as of a link type that is not decoded.
 */
export const PRIVATE_LINK_TYPE = 147;
