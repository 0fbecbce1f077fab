export declare function sourcesDigest(): string
