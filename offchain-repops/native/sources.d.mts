export declare function addonSourcesDigest(): string
