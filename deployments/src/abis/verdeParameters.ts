// Generated from Parameters by `npm run abis`.
export const verdeParametersAbi = [
  {"type":"function","name":"acceptOwnership","inputs":[],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"function","name":"get","inputs":[{"name":"version","type":"uint32"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"window","type":"uint32"},{"name":"solverBudget","type":"uint32"},{"name":"challengerBudget","type":"uint32"},{"name":"extension","type":"uint32"},{"name":"heavyExtension","type":"uint32"},{"name":"liveLimit","type":"uint16"},{"name":"challengerBps","type":"uint16"},{"name":"burnBps","type":"uint16"},{"name":"bondWei","type":"uint96"},{"name":"costs","type":"uint128"},{"name":"treasury","type":"address"}]}],"stateMutability":"view"},
  {"type":"function","name":"latest","inputs":[],"outputs":[{"name":"","type":"uint32"}],"stateMutability":"view"},
  {"type":"function","name":"owner","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"pendingOwner","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"renounceOwnership","inputs":[],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"function","name":"set","inputs":[{"name":"next","type":"tuple","components":[{"name":"window","type":"uint32"},{"name":"solverBudget","type":"uint32"},{"name":"challengerBudget","type":"uint32"},{"name":"extension","type":"uint32"},{"name":"heavyExtension","type":"uint32"},{"name":"liveLimit","type":"uint16"},{"name":"challengerBps","type":"uint16"},{"name":"burnBps","type":"uint16"},{"name":"bondWei","type":"uint96"},{"name":"costs","type":"uint128"},{"name":"treasury","type":"address"}]}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"function","name":"transferOwnership","inputs":[{"name":"newOwner","type":"address"}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"event","name":"OwnershipTransferStarted","inputs":[{"name":"previousOwner","type":"address","indexed":true},{"name":"newOwner","type":"address","indexed":true}],"anonymous":false},
  {"type":"event","name":"OwnershipTransferred","inputs":[{"name":"previousOwner","type":"address","indexed":true},{"name":"newOwner","type":"address","indexed":true}],"anonymous":false},
  {"type":"event","name":"ParametersSet","inputs":[{"name":"version","type":"uint32","indexed":true},{"name":"parameters","type":"tuple","indexed":false,"components":[{"name":"window","type":"uint32"},{"name":"solverBudget","type":"uint32"},{"name":"challengerBudget","type":"uint32"},{"name":"extension","type":"uint32"},{"name":"heavyExtension","type":"uint32"},{"name":"liveLimit","type":"uint16"},{"name":"challengerBps","type":"uint16"},{"name":"burnBps","type":"uint16"},{"name":"bondWei","type":"uint96"},{"name":"costs","type":"uint128"},{"name":"treasury","type":"address"}]}],"anonymous":false},
  {"type":"error","name":"OwnableInvalidOwner","inputs":[{"name":"owner","type":"address"}]},
  {"type":"error","name":"OwnableUnauthorizedAccount","inputs":[{"name":"account","type":"address"}]},
  {"type":"error","name":"Parameters_OutOfBounds","inputs":[{"name":"field","type":"string"}]},
] as const
