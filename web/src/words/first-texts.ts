/**
 * Asks for the words of the first view before anybody looks for them. The built page has its own of this (`web/one-language.ts`);
 * where the tables hold their texts themselves there is nothing to wait for.
 */
export async function loadFirstTexts(): Promise<void> {}
