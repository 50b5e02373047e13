/** An address (of a proxy) as everybody may see it, in logs and messages too: Docker's form. */
export const withoutPassword = (address: string): string => address.replace(/\/\/[^/]*@/, "//xxxxx:xxxxx@");
