"""Answers to the tasks of the assignment on convolutional networks, in the same form as in `mlp.py`."""

import textwrap


def function(head: str, *lines: str) -> str:
    return f"def {head}:\n" + textwrap.indent("\n".join(lines), "    ")


def size(*lines: str) -> str:
    head = "output_size(size, kernel_size, stride=1, padding=0, dilation=1)"
    return function(head, *lines)


SPAN = "span = dilation * (kernel_size - 1) + 1"


def formula(
    span: str = SPAN, padded: str = "size + 2 * padding", end: str = "(padded - span) // stride + 1"
) -> str:
    return size(span, f"padded = {padded}", f"return {end}")


CONV = "layers.append(nn.Conv2d(prev_channels, channels, kernel_size, stride, padding))"
RELU = "layers.append(nn.ReLU())"
POOL = "if pool: layers.append(nn.MaxPool2d(2))"
NEXT = "prev_channels = channels"
NET = "self.net = nn.Sequential(*layers)"


def features(*loop: str, last: str = NET, forward: str = "return self.net(x)", start: str = "") -> str:
    body = textwrap.indent("\n".join(loop or (CONV, RELU, POOL, NEXT)), 12 * " ")
    return f"""
class FeatureExtractor(nn.Module):
    def __init__(self, in_channels, stages):
        super().__init__()
        layers = []
        prev_channels = in_channels
        {start}
        for channels, kernel_size, stride, padding, pool in stages:
{body}
        {last}

    def forward(self, x):
        {forward}
"""


def conv(arguments: str) -> str:
    return features(f"layers.append(nn.Conv2d({arguments}))", RELU, POOL, NEXT)


FLAT = "C, H, W = shape; prev_hdim = C * H * W"
LINEAR = "layers += [nn.Linear(prev_hdim, hdim, bias=True), nn.ReLU()]"
DEEPER = "prev_hdim = hdim"
LAST = "self.net = nn.Sequential(*layers, nn.Linear(prev_hdim, ydim))"


def classifier(
    *loop: str, flat: str = FLAT, last: str = LAST, forward: str = "return self.net(x.flatten(1))"
) -> str:
    body = textwrap.indent("\n".join(loop or (LINEAR, DEEPER)), 12 * " ")
    return f"""
class Classifier(nn.Module):
    def __init__(self, shape, hdims, ydim):
        super().__init__()
        layers = []
        {flat}
        for hdim in hdims:
{body}
        {last}

    def forward(self, x):
        {forward}
"""


MODE = "model.train()"
LOGITS, LOSS = "logits = model(x)", "loss = F.cross_entropy(logits, y)"
ZERO, BACKWARD, STEP = "optimizer.zero_grad()", "loss.backward()", "optimizer.step()"
UPDATE = ZERO, BACKWARD, STEP
ADD_LOSS = "loss_sum += loss.item() * len(y)"
ADD_COUNT = "n_correct += (logits.argmax(dim=1) == y).sum().item()"
ADD_TOTAL = "n_total += len(y)"
ADD = ADD_LOSS, ADD_COUNT, ADD_TOTAL
RETURN = "return loss_sum / n_total, n_correct / n_total"


def epoch(*loop: str, start: str = MODE, end: str = RETURN) -> str:
    return function(
        "train_epoch(model, loader, optimizer)",
        start,
        "loss_sum, n_correct, n_total = 0.0, 0, 0",
        "for x, y in loader:",
        textwrap.indent("\n".join(loop), "    "),
        end,
    )


def update(*calls: str) -> str:
    return epoch(LOGITS, LOSS, *calls, *ADD)


def loss(source: str) -> str:
    return epoch(LOGITS, f"loss = {source}", *UPDATE, *ADD)


def count(source: str) -> str:
    return epoch(LOGITS, LOSS, *UPDATE, ADD_LOSS, f"n_correct += {source}", ADD_TOTAL)


def loss_sum(line: str) -> str:
    return epoch(LOGITS, LOSS, *UPDATE, line, ADD_COUNT, ADD_TOTAL)


WRONG = {
    "size": {
        "none": [size("(size + 2 * padding - kernel_size) // stride + 1")],
        "no-floor": [
            formula(end="(padded - span) / stride + 1"),
            size("return (size - kernel_size + 2 * padding) / stride + 1"),
        ],
        "rounded": [
            formula(end="round((padded - span) / stride) + 1"),
            formula(end="round((padded - span) / stride + 1)"),
            formula(end="-(-(padded - span) // stride) + 1"),
            formula(end="math.ceil((padded - span) / stride + 1)").replace(SPAN, f"import math; {SPAN}"),
        ],
        "no-dilation": [
            formula("span = kernel_size"),
            size("return (size - kernel_size + 2 * padding) // stride + 1"),
            size("return (size + padding - kernel_size) // stride + 1"),
        ],
        "dilated-span": [
            formula("span = dilation * kernel_size"),
            formula("span = kernel_size + dilation - 1"),
        ],
        "kernel-minus-one": [
            formula("span = dilation * (kernel_size - 1)"),
            size("return (size + 2 * padding - (kernel_size - 1)) // stride + 1"),
        ],
        "no-kernel": [size("return (size + 2 * padding - 1) // stride + 1")],
        "no-padding": [formula(padded="size")],
        "padding-once": [formula(padded="size + padding")],
        "padding-subtracted": [formula(padded="size - 2 * padding")],
        "padding-outside": [formula(padded="size", end="(padded - span) // stride + 1 + 2 * padding")],
        "no-plus-one": [formula(end="(padded - span) // stride")],
        "plus-one-inside": [formula(end="(padded - span + 1) // stride")],
        "no-stride": [formula(end="padded - span + 1")],
        "kernel-and-stride": [formula(f"kernel_size, stride = stride, kernel_size; {SPAN}")],
        "only-stride": [size("return size // stride"), size("return -(-size // stride)")],
        "no-int": [
            formula(end="float((padded - span) // stride + 1)"),
            formula(end="torch.tensor((padded - span) // stride + 1)"),
            formula(end="((padded - span) // stride + 1,) * 2"),
            formula(end="[(padded - span) // stride + 1] * 2"),
        ],
        "precedence": [
            size("return size + 2 * padding - dilation * (kernel_size - 1) - 1 // stride + 1"),
            formula(end="padded - span // stride + 1"),
        ],
        "another-size": [
            size("return size"),
            size("return 'eight'"),
            size("return size, size"),
            formula(end="(padded - span) % stride + 1"),
        ],
    },
    "features": {
        "instance": [features() + "FeatureExtractor = FeatureExtractor(1, [])"],
        "no-module": [
            features().replace("(nn.Module)", "").replace("super().__init__()", "pass"),
            "def FeatureExtractor(in_channels, stages): pass",
        ],
        "list": [
            features(
                last="self.layers = layers",
                forward="for layer in self.layers: x = layer(x)\n        return x",
            )
        ],
        "local": [features(last="net = nn.Sequential(*layers)"), features("pass")],
        "no-layers": [features("layers.append(nn.Linear(prev_channels, channels))", RELU, NEXT)],
        "extra": [features(CONV, "layers.append(nn.BatchNorm2d(channels))", RELU, NEXT)],
        "repeated": [features("layers += [shared, nn.ReLU()]", start="shared = nn.Conv2d(2, 2, 3, 2, 1)")],
        "one-stage": [features("layers = []", CONV, RELU, POOL, NEXT), features(CONV, RELU, POOL, "break")],
        "stages": [features(CONV, RELU, POOL, NEXT, CONV)],
        "channels-swapped": [conv("channels, prev_channels, kernel_size, stride, padding")],
        "channels-not-updated": [
            features(CONV, RELU, POOL),
            conv("in_channels, channels, kernel_size, stride, padding"),
        ],
        "channels-updated-too-early": [
            features(NEXT, CONV, RELU, POOL),
            conv("channels, channels, kernel_size, stride, padding"),
        ],
        "channels": [
            features(CONV, RELU, POOL, "prev_channels += channels"),
            conv("prev_channels, 2 * channels, kernel_size, stride, padding"),
        ],
        "kernel-and-stride": [
            conv("prev_channels, channels, stride, kernel_size, padding"),
            conv("prev_channels, channels, kernel_size=stride, stride=kernel_size, padding=padding"),
        ],
        "stride-and-padding": [conv("prev_channels, channels, kernel_size, padding, stride")],
        "arguments-exchanged": [
            conv("prev_channels, kernel_size, channels, stride, padding"),
            conv("prev_channels, channels, padding, stride, kernel_size"),
        ],
        "no-stride": [
            conv("prev_channels, channels, kernel_size, padding=padding"),
            conv("prev_channels, channels, kernel_size"),
        ],
        "no-padding": [
            conv("prev_channels, channels, kernel_size, stride"),
            conv("prev_channels, channels, kernel_size, stride=stride"),
        ],
        "padding-of-kernel": [
            conv("prev_channels, channels, kernel_size, stride, kernel_size // 2"),
            conv("prev_channels, channels, kernel_size, stride, (kernel_size - 1) // 2"),
        ],
        "hard-coded": [
            conv("prev_channels, channels, 3, stride, padding"),
            conv("prev_channels, channels, kernel_size, 2, padding"),
            conv("prev_channels, channels, kernel_size, stride, 1"),
            features(start="prev_channels = 1"),
            features(
                "layers.append(nn.Conv2d(prev_channels, 32, kernel_size, stride, padding))",
                RELU,
                POOL,
                "prev_channels = 32",
            ),
        ],
        "convolutions": [
            conv("prev_channels, channels, kernel_size + 1, stride, padding"),
            conv("prev_channels, channels, kernel_size, stride, 2 * padding"),
        ],
        "settings": [
            conv("prev_channels, channels, kernel_size, stride, padding, 2"),
            conv("prev_channels, channels, kernel_size, stride, padding, padding_mode='reflect'"),
        ],
        "no-bias": [conv("prev_channels, channels, kernel_size, stride, padding, bias=False")],
        "none": [features(forward="self.net(x)")],
        "no-tensor": [features(forward="return self.net(x).tolist()")],
        "flattened": [features(forward="return self.net(x).flatten(1)")],
        "shape": [
            features(forward="return self.net(x).mean(dim=(2, 3))"),
            features(CONV, RELU, "if pool: layers.append(nn.MaxPool2d(2, 2, 1))", NEXT),
        ],
        "no-relu": [
            features(CONV, POOL, NEXT),
            features(CONV, "nn.ReLU()", POOL, NEXT),
            features(CONV, NEXT),
        ],
        "relu-missing": [
            features(last="self.net = nn.Sequential(*layers[:-2], layers[-1])"),
            features(
                "layers += [nn.Conv2d(prev_channels, channels, kernel_size, stride, padding)]",
                "if len(layers) == 1: layers.append(nn.ReLU())",
                POOL,
                NEXT,
            ),
            features(CONV, "if pool: layers += [nn.ReLU(), nn.MaxPool2d(2)]", NEXT),
        ],
        "random": [features(CONV, RELU, POOL, "layers.append(nn.Dropout2d(0.5))", NEXT)],
        "cut": [
            features(
                forward="for n, layer in enumerate(self.net):\n"
                "            x = layer(x).detach() if n == 1 else layer(x)\n        return x"
            )
        ],
        "relu-first": [features(RELU, CONV, POOL, NEXT)],
        "other-activation": [
            features(CONV, "layers.append(nn.Tanh())", POOL, NEXT),
            features(CONV, "layers.append(nn.LeakyReLU())", POOL, NEXT),
        ],
        "no-pool": [features(CONV, RELU, NEXT), features(CONV, RELU, "if pool: nn.MaxPool2d(2)", NEXT)],
        "pool-always": [features(CONV, RELU, "layers.append(nn.MaxPool2d(2))", NEXT)],
        "pool-inverted": [features(CONV, RELU, "if not pool: layers.append(nn.MaxPool2d(2))", NEXT)],
        "pool-first": [features(POOL, CONV, RELU, NEXT)],
        "pool-at-end": [
            features(CONV, RELU, NEXT, last="self.net = nn.Sequential(*layers, nn.MaxPool2d(2))"),
            features(CONV, RELU, NEXT, last=f"{POOL}; {NET}").replace(
                f"{POOL}; {NET}", f"{POOL}\n        {NET}"
            ),
        ],
        "average-pool": [features(CONV, RELU, "if pool: layers.append(nn.AvgPool2d(2))", NEXT)],
        "pool-stride": [
            features(CONV, RELU, "if pool: layers.append(nn.MaxPool2d(2, 1))", NEXT),
            features(CONV, RELU, "if pool: layers.append(nn.MaxPool2d(2, stride=1))", NEXT),
        ],
        "pool-size": [features(CONV, RELU, "if pool: layers.append(nn.MaxPool2d(3))", NEXT)],
        "numbers": [features(forward="return 2 * self.net(x)")],
        "no-graph": [features(forward="return self.net(x).detach()")],
    },
    "classifier": {
        "instance": [classifier() + "Classifier = Classifier((1, 2, 2), [], 1)"],
        "no-module": ["def Classifier(shape, hdims, ydim): pass"],
        "list": [
            classifier(
                last="self.layers = [*layers, nn.Linear(prev_hdim, ydim)]",
                forward="for layer in self.layers: x = layer(x)\n        return x",
            )
        ],
        "local": [classifier(last=LAST.replace("self.net", "net"))],
        "no-layers": [classifier("pass", last="self.w = nn.Parameter(torch.zeros(ydim))")],
        "extra": [classifier(LINEAR, "layers.append(nn.LayerNorm(hdim))", DEEPER)],
        "flat-channels": [
            classifier(flat="prev_hdim = shape[0]"),
            classifier(flat="prev_hdim, H, W = shape"),
        ],
        "flat-pixels": [
            classifier(flat="prev_hdim = shape[1] * shape[2]"),
            classifier(flat="prev_hdim = shape[-1]"),
        ],
        "flat-part": [classifier(flat="prev_hdim = shape[0] * shape[1]")],
        "flat-sum": [classifier(flat="prev_hdim = sum(shape)")],
        "flat-batch": [classifier(flat="C, H, W = shape; prev_hdim = 6 * C * H * W")],
        "hard-coded-size": [
            classifier(flat="prev_hdim = 1024"),
            classifier("layers += [nn.Linear(prev_hdim, 64), nn.ReLU()]", "prev_hdim = 64"),
            classifier(last=LAST.replace("ydim", "10")),
        ],
        "no-output-layer": [classifier(last="self.net = nn.Sequential(*layers)")],
        "output-layer-in-loop": [
            classifier(
                LINEAR,
                DEEPER,
                "layers.append(nn.Linear(prev_hdim, ydim))",
                last="self.net = nn.Sequential(*layers)",
            )
        ],
        "one-hidden-layer": [classifier("layers = []", LINEAR, DEEPER)],
        "sizes-swapped": [
            classifier(
                "layers += [nn.Linear(hdim, prev_hdim), nn.ReLU()]",
                DEEPER,
                last=LAST.replace("prev_hdim, ydim", "ydim, prev_hdim"),
            )
        ],
        "positions-for-widths": [classifier().replace("in hdims:", "in range(len(hdims)):")],
        "not-updated": [classifier(LINEAR)],
        "updated-too-early": [classifier(DEEPER, LINEAR)],
        "last-layer": [classifier(last=LAST.replace("prev_hdim", "C * H * W"))],
        "sizes": [classifier(LINEAR, "prev_hdim += hdim")],
        "no-bias": [classifier("layers += [nn.Linear(prev_hdim, hdim, False), nn.ReLU()]", DEEPER)],
        "no-flatten": [
            classifier(forward="return self.net(x)"),
            classifier(forward="x.flatten(1); return self.net(x)"),
        ],
        "batch-flattened": [
            classifier(forward="return self.net(x.flatten())"),
            classifier(forward="return self.net(x.reshape(1, -1))"),
        ],
        "transposed": [classifier(forward="return self.net(x.flatten(1).T)")],
        "axis-left": [
            classifier(forward="return self.net(x.flatten(2))"),
            classifier(forward="return self.net(x.flatten(0, 1).flatten(1))"),
        ],
        "input-shape": [
            classifier(forward="return self.net(x.mean(dim=(2, 3)))"),
            classifier(forward="return self.net(x[:, 0].flatten(1))"),
        ],
        "pixels-mixed": [
            classifier(forward="return self.net(x.permute(0, 2, 3, 1).flatten(1))"),
            classifier(forward="return self.net(F.relu(x.flatten(1)))"),
        ],
        "none": [classifier(forward="self.net(x.flatten(1))")],
        "no-tensor": [classifier(forward="return self.net(x.flatten(1)), x")],
        "classes": [classifier(forward="return self.net(x.flatten(1)).argmax(dim=1)")],
        "shape": [classifier(forward="return self.net(x.flatten(1)).T")],
        "softmax": [
            classifier(forward="return self.net(x.flatten(1)).softmax(dim=1)"),
            classifier(last=LAST.replace("ydim))", "ydim), nn.Softmax(dim=1))")),
        ],
        "softmax-over-batch": [classifier(forward="return self.net(x.flatten(1)).softmax(dim=0)")],
        "log-softmax": [classifier(forward="return self.net(x.flatten(1)).log_softmax(dim=1)")],
        "sigmoid": [classifier(forward="return self.net(x.flatten(1)).sigmoid()")],
        "random": [
            classifier("layers += [nn.Linear(prev_hdim, hdim), nn.ReLU(), nn.Dropout(0.5)]", DEEPER),
            classifier(forward="return self.net(F.dropout(x).flatten(1))"),
        ],
        "cut": [
            classifier(forward="return self.net(x.data.flatten(1))"),
            classifier(forward="return self.net(torch.tensor(x).flatten(1))"),
            classifier(forward="return self.net(torch.from_numpy(x.detach().numpy().reshape(len(x), -1)))"),
        ],
        "no-activation": [classifier("layers.append(nn.Linear(prev_hdim, hdim))", DEEPER)],
        "activation-last": [
            classifier(last=LAST.replace("ydim))", "ydim), nn.ReLU())")),
            classifier(forward="return F.relu(self.net(x.flatten(1)))"),
        ],
        "activation-missing": [
            classifier(last="self.net = nn.Sequential(*layers[:-1], nn.Linear(prev_hdim, ydim))")
        ],
        "activation-elsewhere": [
            classifier(
                "layers.append(nn.Linear(prev_hdim, hdim))",
                DEEPER,
                last=LAST.replace("ydim))", "ydim), nn.ReLU())"),
            )
        ],
        "other-activation": [classifier("layers += [nn.Linear(prev_hdim, hdim), nn.Tanh()]", DEEPER)],
        "numbers": [classifier(forward="return 2 * self.net(x.flatten(1))")],
        "no-graph": [classifier(forward="return self.net(x.flatten(1)).detach()")],
    },
    "epoch": {
        "left-frozen": [
            epoch(
                LOGITS,
                LOSS,
                *UPDATE,
                *ADD,
                end="for p in model.parameters(): p.requires_grad = False\n" + RETURN,
            )
        ],
        "left-hooks": [
            epoch(LOGITS, LOSS, *UPDATE, *ADD, start=MODE + "; model.register_forward_hook(lambda *_: None)")
        ],
        "no-model": [
            epoch("logits = torch.zeros(len(y), 6, requires_grad=True)", LOSS, *UPDATE, *ADD),
            epoch("pass", end="return 0.5, 0.5"),
        ],
        "no-images": [
            epoch("logits = model(x.flatten(1))", LOSS, *UPDATE, *ADD),
            epoch("x = x.view(len(x), -1)", LOGITS, LOSS, *UPDATE, *ADD),
        ],
        "no-train-mode": [
            epoch(LOGITS, LOSS, *UPDATE, *ADD, start="pass"),
            epoch(LOGITS, LOSS, *UPDATE, *ADD, start="model.train"),
            epoch(LOGITS, LOSS, *UPDATE, *ADD, end=f"model.train(); {RETURN}", start=""),
        ],
        "eval-mode": [
            epoch(LOGITS, LOSS, *UPDATE, *ADD, start="model.eval()"),
            epoch(LOGITS, LOSS, *UPDATE, *ADD, start="model.train(False)"),
            epoch(LOGITS, LOSS, *UPDATE, *ADD, "model.eval()"),
        ],
        "one-batch": [
            epoch(LOGITS, LOSS, *UPDATE, *ADD, RETURN),
            epoch(LOGITS, LOSS, *UPDATE, *ADD, "break"),
        ],
        "two-epochs": [
            epoch("for x, y in loader:", *(f"    {line}" for line in (LOGITS, LOSS, *UPDATE, *ADD)))
        ],
        "nothing": [update(), update("optimizer.zero_grad; loss.backward; optimizer.step")],
        "no-backward": [update(ZERO, STEP)],
        "no-step": [update(ZERO, BACKWARD), update(ZERO, BACKWARD, "optimizer.step")],
        "no-zero-grad": [update(BACKWARD, STEP), update("optimizer.zero_grad", *UPDATE[1:])],
        "zero-grad-once": [epoch(LOGITS, LOSS, BACKWARD, STEP, *ADD, start=f"{MODE}; {ZERO}")],
        "step-too-early": [update(ZERO, STEP, BACKWARD), update(STEP, ZERO, BACKWARD)],
        "zero-grad-too-late": [update(BACKWARD, ZERO, STEP)],
        "two-steps": [update(*UPDATE, STEP)],
        "one-step": [
            epoch(LOGITS, LOSS, BACKWARD, *ADD, end=f"{STEP}; {ZERO}; {RETURN}"),
            epoch(
                LOGITS,
                LOSS,
                "loss_sum = loss_sum + loss",
                ADD_COUNT,
                ADD_TOTAL,
                end=f"{ZERO}; loss_sum.backward(); {STEP}; {RETURN}",
            ),
        ],
        "other-weights": [
            update(ZERO, BACKWARD, "optimizer.param_groups[0]['lr'] = 1.0", STEP),
            loss("3 * F.cross_entropy(logits, y)"),
        ],
        "softmax-before-loss": [
            loss("F.cross_entropy(logits.softmax(dim=1), y)"),
            epoch("logits = model(x).softmax(dim=1)", LOSS, *UPDATE, *ADD),
        ],
        "relu-before-loss": [loss("F.cross_entropy(F.relu(logits), y)")],
        "sigmoid-before-loss": [loss("F.cross_entropy(torch.sigmoid(logits), y)")],
        "summed-loss": [loss("F.cross_entropy(logits, y, reduction='sum')")],
        "nll-loss": [loss("F.nll_loss(logits, y)")],
        "uphill": [loss("-F.cross_entropy(logits, y)")],
        "squared-error": [loss("F.mse_loss(logits, F.one_hot(y, 6).float())")],
        "none": [epoch(LOGITS, LOSS, *UPDATE, *ADD, end="pass")],
        "counted-after": [epoch(LOGITS, LOSS, *UPDATE, "logits = model(x)", *ADD)],
        "results-exchanged": [
            epoch(LOGITS, LOSS, *UPDATE, *ADD, end="return n_correct / n_total, loss_sum / n_total")
        ],
        "two-values": [
            epoch(LOGITS, LOSS, *UPDATE, *ADD, end="return loss_sum / n_total"),
            epoch(LOGITS, LOSS, *UPDATE, *ADD, end="return loss_sum, n_correct, n_total"),
        ],
        "loss-tensor": [
            loss_sum("loss_sum += loss * len(y)"),
            loss_sum("loss_sum += loss.detach() * len(y)"),
        ],
        "count-tensor": [count("(logits.argmax(dim=1) == y).sum()")],
        "no-numbers": [epoch(LOGITS, LOSS, *UPDATE, *ADD, end="return 'good', 'very good'")],
        "loss-not-weighted": [
            loss_sum("loss_sum += loss.item()"),
            epoch(
                LOGITS,
                LOSS,
                *UPDATE,
                "loss_sum += loss.item()",
                ADD_COUNT,
                ADD_TOTAL,
                end="return loss_sum / len(loader), n_correct / n_total",
            ),
            epoch(
                LOGITS,
                LOSS,
                *UPDATE,
                "loss_sum += loss.item()",
                "n_correct += (logits.argmax(dim=1) == y).float().mean().item()",
                "n_total += 1",
            ),
        ],
        "loss-last": [loss_sum("loss_sum = loss.item() * len(y)"), loss_sum("loss_sum = loss.item()")],
        "loss-fixed-batch": [loss_sum("loss_sum += loss.item() * 6")],
        "wrong-axis": [count("(logits.argmax(dim=0) == y).sum().item()")],
        "argmax-of-all": [count("(logits.argmax() == y).sum().item()")],
        "errors": [count("(logits.argmax(dim=1) != y).sum().item()")],
        "values": [count("(logits.max(dim=1).values == y).sum().item()")],
        "every-pair": [count("(logits.argmax(dim=1, keepdim=True) == y).sum().item()")],
        "fraction": [count("(logits.argmax(dim=1) == y).float().mean().item()")],
        "everything": [count("len(y)")],
        "count-last": [epoch(LOGITS, LOSS, *UPDATE, ADD_LOSS, ADD_COUNT.replace("+=", "="), ADD_TOTAL)],
        "total-batches": [epoch(LOGITS, LOSS, *UPDATE, ADD_LOSS, ADD_COUNT, "n_total += 1")],
        "total-last": [epoch(LOGITS, LOSS, *UPDATE, ADD_LOSS, ADD_COUNT, "n_total = len(y)")],
        "total-classes": [epoch(LOGITS, LOSS, *UPDATE, ADD_LOSS, ADD_COUNT, "n_total += logits.numel()")],
        "percent": [
            epoch(LOGITS, LOSS, *UPDATE, *ADD, end="return loss_sum / n_total, 100 * n_correct / n_total")
        ],
        "wrong-loss": [loss_sum("loss_sum += 2 * loss.item()")],
        "wrong-accuracy": [count("(logits.argmax(dim=1) == y).sum().item() / 7")],
    },
}

RAISED = {
    "size": {
        "arguments": ["def output_size(size, kernel_size): return size - kernel_size + 1"],
        "name": [size("return (size + 2 * padding - k) // stride + 1")],
    },
    "features": {
        "channels-differ": [features(forward="return self.net(x[:, :1])")],
        "too-small": [
            features(forward="return self.net(x[:, :, :2, :2])"),
            features(forward="return F.max_pool2d(self.net(x), 9)"),
        ],
        "arguments": [
            conv("prev_channels, channels"),
            conv("prev_channels, channels, kernel_size, stride, pad=padding"),
        ],
        "super-init": [features().replace("super().__init__()", "self.net = 1")],
        "list-of-layers": [features(last="self.net = nn.Sequential(layers)")],
        "unpack": [features().replace("stride, padding, pool in", "stride, padding in")],
    },
    "classifier": {
        "matrix-shapes": [classifier(LINEAR, DEEPER, forward="return self.net[0](self.net(x.flatten(1)))")],
        "name": [classifier(flat="prev_hdim = C * H * W")],
        "unassigned": [classifier(flat="pass")],
    },
    "epoch": {
        "zero-division": [epoch(LOGITS, LOSS, *UPDATE, ADD_LOSS, ADD_COUNT)],
        "number-backward": [epoch(LOGITS, f"{LOSS}.item()", *UPDATE, *ADD)],
        "detached": [epoch("with torch.no_grad(): logits = model(x)", LOSS, *UPDATE, *ADD)],
        "layer-not-called": [epoch(LOGITS, "loss = F.cross_entropy(model, y)", *UPDATE)],
        "loss-order": [epoch(LOGITS, "loss = F.cross_entropy(y, logits)", *UPDATE, *ADD)],
        "backward-twice": [update(ZERO, BACKWARD, BACKWARD, STEP)],
    },
}

RIGHT = {
    "size": [
        formula(),
        size("return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1"),
        size(
            "import math",
            "reach = dilation * (kernel_size - 1)",
            "return math.floor((size + 2 * padding - reach - 1) / stride + 1)",
        ),
        size(
            "x = torch.zeros(1, 1, size, size)",
            "w = torch.zeros(1, 1, kernel_size, kernel_size)",
            "return F.conv2d(x, w, None, stride, padding, dilation).shape[-1]",
        ),
        size(
            "span = dilation * (kernel_size - 1)", "return len(range(0, size + 2 * padding - span, stride))"
        ),
    ],
    "features": [
        features(),
        conv("prev_channels, channels, kernel_size=kernel_size, stride=stride, padding=padding"),
        features(CONV, POOL, RELU, NEXT),  # maximum and ReLU commute
        features("layers.append(nn.LazyConv2d(channels, kernel_size, stride, padding))", RELU, POOL),
        features(CONV, RELU, "layers.append(nn.MaxPool2d(2 if pool else 1))", NEXT),
        features(
            CONV,
            NEXT,
            last="self.convs = nn.ModuleList(layers); self.stages = stages",
            forward="for conv, stage in zip(self.convs, self.stages):\n"
            "            x = F.relu(conv(x))\n"
            "            if stage[-1]: x = F.max_pool2d(x, kernel_size=2, stride=2)\n"
            "        return x",
        ),
        conv("prev_channels, channels, (kernel_size, kernel_size), (stride, stride), (padding, padding)"),
    ],
    "classifier": [
        classifier(),
        classifier(flat="import math; prev_hdim = math.prod(shape)"),
        classifier(
            last="self.net = nn.Sequential(nn.Flatten(), *layers, nn.Linear(prev_hdim, ydim))",
            forward="return self.net(x)",
        ),
        classifier(flat="import numpy; prev_hdim = numpy.prod(shape)"),
        classifier(flat="prev_hdim = torch.zeros(shape).numel()"),
        classifier(forward="return self.net(x.reshape(len(x), -1))"),
        classifier(
            "layers.append(nn.Linear(prev_hdim, hdim))",
            DEEPER,
            last="self.out = nn.Linear(prev_hdim, ydim); self.hidden = nn.ModuleList(layers)",
            forward="x = x.flatten(1)\n        for layer in self.hidden: x = layer(x).relu()\n"
            "        return self.out(x)",
        ),
    ],
    "epoch": [
        epoch(LOGITS, LOSS, *UPDATE, *ADD),
        epoch(MODE, LOGITS, LOSS, BACKWARD, STEP, ZERO, *ADD, start=""),
        epoch(ZERO, LOGITS, LOSS, *ADD, BACKWARD, STEP),
        epoch(LOGITS, LOSS, *UPDATE, *ADD, start="model.train(); loader = list(loader)"),
        epoch(
            "logits = model.forward(x)",
            "loss = nn.CrossEntropyLoss()(logits, y)",
            *UPDATE,
            "loss_sum += float(loss) * x.shape[0]",
            "n_correct += int((logits.argmax(-1) == y).sum())",
            "n_total += y.numel()",
        ),
        epoch("logits = model(x).log_softmax(dim=1)", "loss = F.nll_loss(logits, y)", *UPDATE, *ADD),
        epoch(
            LOGITS,
            "losses = F.cross_entropy(logits, y, reduction='none')",
            "loss = losses.mean()",
            *UPDATE,
            "loss_sum += losses.sum().item()",
            ADD_COUNT,
            ADD_TOTAL,
        ),
    ],
}
