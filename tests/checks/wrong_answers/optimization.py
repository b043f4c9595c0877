"""Answers to the tasks of the optimization assignment, in the same form as in `mlp.py`."""

import textwrap

LINEAR = "layers.append(nn.Linear(prev_hdim, hdim, bias=True))"
TANH = "layers.append(nn.Tanh())"
NEXT = "prev_hdim = hdim"
LAST = "self.net = nn.Sequential(*layers, nn.Linear(prev_hdim, ydim))"
LOOP = LINEAR, TANH, NEXT


def network(*loop: str, last: str = LAST, forward: str = "return self.net(x)", start: str = "") -> str:
    body = textwrap.indent("\n".join(loop or LOOP), 12 * " ")
    return f"""
class Network(nn.Module):
    def __init__(self, xdim, hdims, ydim):
        super().__init__()
        layers = []
        prev_hdim = xdim
        {start}
        for hdim in hdims:
{body}
        {last}

    def forward(self, x):
        {forward}
"""


def function(head: str, *lines: str) -> str:
    return f"def {head}:\n" + textwrap.indent("\n".join(lines), "    ")


def optimizers(*lines: str) -> str:
    return function("make_optimizers(models, lr)", *lines)


def three(
    sgd: str = "torch.optim.SGD(models['SGD'].parameters(), lr=lr)",
    momentum: str = "torch.optim.SGD(models['momentum'].parameters(), lr=lr, momentum=0.9)",
    adam: str = "torch.optim.Adam(models['Adam'].parameters(), lr=lr)",
) -> str:
    return optimizers(f"return {{'SGD': {sgd}, 'momentum': {momentum}, 'Adam': {adam}}}")


def momentum(*lines: str) -> str:
    return function("momentum_step(w, g, v, lr, beta=0.9)", *lines)


def adam(
    m: str = "m = beta1 * m + (1 - beta1) * g",
    v: str = "v = beta2 * v + (1 - beta2) * g**2",
    m_hat: str = "m_hat = m / (1 - beta1**t)",
    v_hat: str = "v_hat = v / (1 - beta2**t)",
    w: str = "w = w - lr * m_hat / (v_hat.sqrt() + eps)",
    end: str = "return w, m, v",
) -> str:
    head = "adam_step(w, g, m, v, t, lr, beta1=0.9, beta2=0.999, eps=1e-8)"
    return function(head, m, v, m_hat, v_hat, w, end)


V, W, BOTH = "v = beta * v + g", "w = w - lr * v", "return w, v"
ALL_PARAMETERS = "[p for m in models.values() for p in m.parameters()]"
IN_SGD = "models['SGD'].parameters(), lr=lr"
IN_MOMENTUM = "models['momentum'].parameters(), lr=lr"

WRONG = {
    "network": {
        "instance": [network() + "Network = Network(1, [64, 64], 1)"],
        "no-module": [
            network().replace("(nn.Module)", "").replace("super().__init__()", "pass"),
            "def Network(xdim, hdims, ydim): pass",
        ],
        "list": [
            network(
                last="self.layers = [*layers, nn.Linear(prev_hdim, ydim)]",
                forward="for layer in self.layers: x = layer(x)\n        return x",
            ),
            network(
                last="self.layers = layers; self.out = nn.Linear(prev_hdim, ydim)",
                forward="for layer in self.layers: x = layer(x)\n        return self.out(x)",
            ),
            network(last="self.layers = dict(enumerate(layers)); self.out = nn.Linear(prev_hdim, ydim)"),
        ],
        "local": [
            network(last="net = nn.Sequential(*layers, nn.Linear(prev_hdim, ydim))"),
            network("pass", last="pass"),
        ],
        "no-layers": [
            network(
                "layers.append(nn.Bilinear(prev_hdim, prev_hdim, hdim))",
                NEXT,
                last="self.net = nn.Sequential(*layers)",
            ),
            network("pass", last="self.w = nn.Parameter(torch.zeros(xdim, ydim))"),
        ],
        "extra": [
            network(LINEAR, "layers.append(nn.LayerNorm(hdim))", TANH, NEXT),
            network(LINEAR, "layers.append(nn.PReLU())", NEXT),
        ],
        "repeated": [
            network(
                "layers += [layer, nn.Tanh()]",
                start="layer = nn.Linear(xdim, xdim)",
                last="self.net = nn.Sequential(*layers, nn.Linear(xdim, ydim))",
            )
        ],
        "hard-coded-size": [
            network("layers += [nn.Linear(prev_hdim, 64), nn.Tanh()]", "prev_hdim = 64"),
            network(start="hdims = [64, 64]"),
            network(last="self.net = nn.Sequential(*layers, nn.Linear(prev_hdim, 1))"),
            network(start="prev_hdim = 1"),
        ],
        "no-output-layer": [network(last="self.net = nn.Sequential(*layers)")],
        "output-layer-in-loop": [
            network(
                *LOOP, "layers.append(nn.Linear(prev_hdim, ydim))", last="self.net = nn.Sequential(*layers)"
            )
        ],
        "one-hidden-layer": [
            network(f"layers = []; {LINEAR}", TANH, NEXT),
            network("layers = [nn.Linear(prev_hdim, hdim), nn.Tanh()]", NEXT),
            network("pass", last=f"{LINEAR}; {TANH}; {NEXT}; {LAST}"),
            network(*LOOP, "break"),
            network("pass"),
        ],
        "sizes-swapped": [
            network(
                "layers.append(nn.Linear(hdim, prev_hdim))",
                TANH,
                NEXT,
                last="self.net = nn.Sequential(*layers, nn.Linear(ydim, prev_hdim))",
            )
        ],
        "positions-for-widths": [network().replace("in hdims:", "in range(1, len(hdims) + 1):")],
        "not-updated": [
            network(LINEAR, TANH),
            network("layers += [nn.Linear(xdim, hdim), nn.Tanh()]", NEXT),
            network("prev_hdim = xdim", *LOOP),
        ],
        "updated-too-early": [
            network(NEXT, LINEAR, TANH),
            network("layers += [nn.Linear(hdim, hdim), nn.Tanh()]", NEXT),
        ],
        "last-layer": [
            network(last="self.net = nn.Sequential(*layers, nn.Linear(xdim, ydim))"),
            network(last="self.net = nn.Sequential(*layers, nn.Linear(prev_hdim, xdim))"),
            network(last="self.net = nn.Sequential(*layers, nn.Linear(hdims[0], ydim))"),
        ],
        "sizes": [
            network(*LOOP, LINEAR),
            network(LINEAR, TANH, "prev_hdim += hdim"),
            network("layers += [nn.Linear(prev_hdim, 2 * hdim), nn.Tanh()]", "prev_hdim = 2 * hdim"),
        ],
        "no-bias": [
            network("layers += [nn.Linear(prev_hdim, hdim, bias=False), nn.Tanh()]", NEXT),
            network(last="self.net = nn.Sequential(*layers, nn.Linear(prev_hdim, ydim, False))"),
        ],
        "arguments-changed": [
            network(
                "layers += [nn.Linear(prev_hdim, hdim), nn.Tanh()]",
                NEXT,
                start="hdims.append(ydim)",
                last="self.net = nn.Sequential(*layers[:-1])",
            )
        ],
        "none": [network(forward="self.net(x)")],
        "no-tensor": [
            network(forward="return self.net(x).tolist()"),
            network(forward="return x, self.net(x)"),
        ],
        "shape": [
            network(forward="return self.net(x)[:, 0]"),
            network(forward="return self.net(x).flatten()"),
        ],
        "no-activation": [network(LINEAR, NEXT)],
        "activation-last": [
            network(last="self.net = nn.Sequential(*layers, nn.Linear(prev_hdim, ydim), nn.Tanh())"),
            network(forward="return torch.tanh(self.net(x))"),
            network(
                "layers += [nn.Linear(prev_hdim, hdim), nn.ReLU()]",
                NEXT,
                forward="return F.relu(self.net(x))",
            ),
        ],
        "activation-missing": [
            network(LINEAR, NEXT, last=f"{TANH}; {LAST}"),
            network(last="self.net = nn.Sequential(*layers[:-1], nn.Linear(prev_hdim, ydim))"),
            network(LINEAR, NEXT, last="layers.insert(1, nn.ReLU()); " + LAST),
        ],
        "activation-elsewhere": [
            network(TANH, LINEAR, NEXT),
            network(start=TANH),
            network(LINEAR, NEXT, forward="return torch.tanh(self.net(x))"),
        ],
        "other-activation": [
            network("layers += [nn.Linear(prev_hdim, hdim), nn.ReLU()]", NEXT),
            network("layers += [nn.Linear(prev_hdim, hdim), nn.Sigmoid()]", NEXT),
        ],
        "numbers": [network(forward="return 2 * self.net(x)"), network(*LOOP, "layers.append(nn.Tanh())")],
        "no-graph": [
            network(forward="return self.net(x).detach()"),
            network(forward="with torch.no_grad(): return self.net(x)"),
        ],
        "cut": [
            network(
                forward="for f in self.net: x = f(x) if 'Lin' in str(f) else f(x).detach()\n        return x"
            ),
            network(forward="return self.net[-1](torch.as_tensor(self.net[:-1](x).detach().numpy()))"),
            network(forward="with torch.no_grad(): x = self.net[:-1](x)\n        return self.net[-1](x)"),
        ],
        "random": [
            network("layers += [nn.Linear(prev_hdim, hdim), nn.Tanh(), nn.Dropout(0.2)]", NEXT),
            network(forward="return self.net(F.dropout(x, 0.1))"),
        ],
        "own-sizes": [
            network(forward="return self.net(x).squeeze()"),
            network(forward="return self.net(x.squeeze())"),
            network(forward="return self.net(x).squeeze(-1)"),
        ],
        "made-in-forward": [
            network(
                last="self.sizes = [*zip([xdim, *hdims], [*hdims, ydim])]",
                forward="for a, b in self.sizes: x = nn.Linear(a, b)(x)\n        return x",
            )
        ],
        "frozen": [network(*LOOP, "layers[0].weight.requires_grad = False")],
    },
    "optimizers": {
        "left-frozen": [three("torch.optim.SGD(models['SGD'].requires_grad_(False).parameters(), lr=lr)")],
        "none": [three().replace("return", "optimizers =")],
        "no-dict": [
            three().replace("return", "optimizers =") + "\n    return list(optimizers.values())",
            optimizers("return torch.optim.Adam(models['Adam'].parameters(), lr=lr)"),
        ],
        "names": [
            three().replace("'SGD':", "'sgd':"),
            three().replace("'Adam':", "'adam':"),
            optimizers("return {}"),
        ],
        "no-optimizer": [
            three(adam="torch.optim.Adam"),
            three(sgd="models['SGD']"),
            three(sgd="lambda: torch.optim.SGD(models['SGD'].parameters(), lr=lr)"),
        ],
        "shared": [
            optimizers(
                f"o = torch.optim.Adam({ALL_PARAMETERS}, lr=lr)", "return {name: o for name in models}"
            ),
            optimizers(
                f"o = torch.optim.SGD({ALL_PARAMETERS}, lr=lr, momentum=0.9)",
                f"adam = torch.optim.Adam({ALL_PARAMETERS}, lr=lr)",
                "return {'SGD': o, 'momentum': o, 'Adam': adam}",
            ),
        ],
        "optimizers-exchanged": [
            three(f"torch.optim.SGD({IN_SGD}, momentum=0.9)", f"torch.optim.SGD({IN_MOMENTUM})"),
            three(f"torch.optim.Adam({IN_SGD})", adam="torch.optim.SGD(models['Adam'].parameters(), lr=lr)"),
        ],
        "kind": [
            three(f"torch.optim.Adam({IN_SGD})"),
            three(momentum=f"torch.optim.RMSprop({IN_MOMENTUM}, momentum=0.9)"),
            three(adam="torch.optim.AdamW(models['Adam'].parameters(), lr=lr)"),
            three(adam="torch.optim.SGD(models['Adam'].parameters(), lr=lr)"),
            optimizers("return {k: torch.optim.Adam(m.parameters(), lr) for k, m in models.items()}"),
        ],
        "sgd-with-momentum": [three(f"torch.optim.SGD({IN_SGD}, momentum=0.9)")],
        "no-momentum": [
            three(momentum=f"torch.optim.SGD({IN_MOMENTUM})"),
            three(momentum=f"torch.optim.SGD({IN_MOMENTUM}, weight_decay=0.9)"),
        ],
        "one-model": [
            three(momentum=f"torch.optim.SGD({IN_SGD}, momentum=0.9)", adam=f"torch.optim.Adam({IN_SGD})")
        ],
        "other-model": [
            three(momentum=f"torch.optim.SGD({IN_SGD}, momentum=0.9)"),
            three(f"torch.optim.SGD({IN_MOMENTUM})", f"torch.optim.SGD({IN_SGD}, momentum=0.9)"),
            three("torch.optim.SGD([nn.Parameter(torch.zeros(2))], lr=lr)"),
        ],
        "copies": [
            three().replace("return", "from copy import deepcopy; models = deepcopy(models)\n    return"),
            three("torch.optim.SGD([nn.Parameter(p.clone()) for p in models['SGD'].parameters()], lr=lr)"),
            three(adam="torch.optim.Adam([p.detach() for p in models['Adam'].parameters()], lr=lr)"),
        ],
        "all-models": [
            three(
                f"torch.optim.SGD({ALL_PARAMETERS}, lr=lr)",
                f"torch.optim.SGD({ALL_PARAMETERS}, lr=lr, momentum=0.9)",
                f"torch.optim.Adam({ALL_PARAMETERS}, lr=lr)",
            )
        ],
        "some-parameters": [
            three(adam="torch.optim.Adam([models['Adam'].weight], lr=lr)"),
            three("torch.optim.SGD(list(models['SGD'].parameters())[:1], lr=lr)"),
        ],
        "no-lr": [
            three("torch.optim.SGD(models['SGD'].parameters())"),
            three(adam="torch.optim.Adam(models['Adam'].parameters())"),
        ],
        "other-lr": [
            three("torch.optim.SGD(models['SGD'].parameters(), lr=0.01)"),
            three("torch.optim.SGD(models['SGD'].parameters(), lr=10 * lr)"),
            three(adam="torch.optim.Adam(models['Adam'].parameters(), lr=lr / 10)"),
            three(adam="torch.optim.Adam(models['Adam'].parameters(), lr=torch.tensor(0.01))"),
        ],
        "momentum-value": [
            three(momentum=f"torch.optim.SGD({IN_MOMENTUM}, momentum=0.99)"),
            three(momentum=f"torch.optim.SGD({IN_MOMENTUM}, momentum=lr)"),
        ],
        "dampening": [three(momentum=f"torch.optim.SGD({IN_MOMENTUM}, momentum=0.9, dampening=0.9)")],
        "nesterov": [three(momentum=f"torch.optim.SGD({IN_MOMENTUM}, momentum=0.9, nesterov=True)")],
        "weight-decay": [
            three(f"torch.optim.SGD({IN_SGD}, weight_decay=1e-4)"),
            three(momentum=f"torch.optim.SGD({IN_MOMENTUM}, momentum=0.9, weight_decay=0.1)"),
            three(adam="torch.optim.Adam(models['Adam'].parameters(), lr, weight_decay=1e-2)"),
        ],
        "settings": [
            three(f"torch.optim.SGD({IN_SGD}, maximize=True)"),
            three(adam="torch.optim.Adam(models['Adam'].parameters(), lr, betas=(0.5, 0.999))"),
            three(adam="torch.optim.Adam(models['Adam'].parameters(), lr, decoupled_weight_decay=True)"),
            three(adam="torch.optim.Adam(models['Adam'].parameters(), lr, eps=1e-3)"),
            three(adam="torch.optim.Adam(models['Adam'].parameters(), lr, amsgrad=True)"),
        ],
        "other-steps": [
            three(adam="Adam(models['Adam'].parameters(), lr)")
            + "\nclass Adam(torch.optim.Adam):\n    def step(self): pass",
            three(adam="Adam(models['Adam'].parameters(), lr)")
            + "\nclass Adam(torch.optim.Adam):\n    def step(self): raise ValueError",
        ],
    },
    "momentum": {
        "none": [momentum(V, W)],
        "one-value": [momentum(V, W, "return w"), momentum(V, "return w - lr * v")],
        "number-of-values": [momentum(V, W, "return w, v, g"), momentum("return ()")],
        "no-tensor": [
            momentum(V, W, "return w.tolist(), v.tolist()"),
            momentum(V, W, "return w, None"),
            momentum(V, W, "return w.detach().numpy(), v.detach().numpy()"),
        ],
        "shape": [momentum(V, W, "return w.sum(), v.sum()"), momentum(V, W, "return w[:1], v")],
        "exchanged": [momentum(V, W, "return v, w")],
        "v-not-returned": [
            momentum("new = beta * v + g", "w = w - lr * new", BOTH),
            momentum("w = w - lr * (beta * v + g)", BOTH),
            momentum(V, W, "return w, g"),
        ],
        "w-not-moved": [momentum(V, "new_w = w - lr * v", BOTH), momentum(V, BOTH)],
        "lr-inside": [
            momentum("v = beta * v + lr * g", "return w - v, v"),
            momentum("v = beta * v - lr * g", "return w + v, v"),
        ],
        "lr-twice": [momentum("v = beta * v + lr * g", W, BOTH)],
        "uphill": [momentum(V, "return w + lr * v, v"), momentum("v = beta * v + lr * g", "return w + v, v")],
        "velocity-sign": [momentum("v = beta * v - g", W, BOTH)],
        "velocity-downhill": [momentum("v = beta * v - g", "return w + lr * v, v")],
        "step-no-lr": [momentum(V, "return w - v, v")],
        "dampening": [momentum("v = beta * v + (1 - beta) * g", W, BOTH)],
        "nesterov": [momentum(V, "return w - lr * (g + beta * v), v")],
        "no-beta": [momentum("v = v + g", W, BOTH)],
        "beta-on-gradient": [
            momentum("v = v + beta * g", W, BOTH),
            momentum("v = (1 - beta) * v + beta * g", W, BOTH),
        ],
        "beta-on-both": [momentum("v = beta * (v + g)", W, BOTH)],
        "no-memory": [
            momentum("v = g", W, BOTH),
            momentum("v = torch.zeros_like(w)", V, W, BOTH),
            momentum("v = (1 - beta) * g", W, BOTH),
        ],
        "plain-step": [momentum(V, "return w - lr * g, v")],
        "old-velocity": [momentum("w = w - lr * v", V, BOTH)],
        "fixed-setting": [
            momentum("v = 0.9 * v + g", W, BOTH),
            momentum(V, "return w - 0.01 * v, v"),
            momentum("lr = 0.1", V, W, BOTH),
        ],
        "wrong-v": [momentum("v = beta * v + g.abs()", W, BOTH)],
        "memory-sign": [momentum("v = g - beta * v", W, BOTH), momentum("v = -beta * v + g", W, BOTH)],
        "settings-exchanged": [momentum("v = lr * v + g", "w = w - beta * v", BOTH)],
        "g-squared": [momentum("v = beta * v + g * g", W, BOTH)],
        "beta-turned": [momentum("v = v * (1 - beta) + g", W, BOTH)],
        "w-and-v-exchanged": [momentum(V, "w = v - lr * w", BOTH), momentum("v = beta * w + g", W, BOTH)],
        "no-old-weights": [momentum(V, "return lr * v, v"), momentum(V, "return -lr * v, v")],
        "turned-difference": [momentum(V, "w = lr * v - w", BOTH)],
        "gradient-twice": [momentum(V, "w = w - lr * g - lr * v", BOTH)],
        "gradient-summed": [momentum("v = beta * v + g.mean()", W, BOTH)],
        "other-operator": [momentum(V, "w = w * lr * v", BOTH), momentum("v = beta ** v + g", W, BOTH)],
        "not-a-number": [momentum("v = v * float('nan')", W, BOTH)],
        "numbers": [momentum("v = torch.zeros_like(w, device='meta')", BOTH)],
        "dtype": [momentum("w, g, v = w.double(), g.double(), v.double()", V, W, BOTH)],
        "precedence": [
            momentum("return w - lr * beta * v + g, beta * v + g"),
            momentum(V, "w = (w - lr) * v", BOTH),
            momentum("new_v = beta * v + g", "return (w - lr) * (beta * v + g), new_v"),
        ],
        "wrong-w": [momentum(V, "w = w - lr * v / v.norm()", BOTH)],
        "in-place": [
            momentum("v *= beta", "v += g", "w -= lr * v", BOTH),
            momentum("v.mul_(beta).add_(g)", W, BOTH),
            momentum(V, "w.sub_(lr * v)", BOTH),
            momentum("w.data = w - lr * (beta * v + g)", V, BOTH),
        ],
    },
    "adam": {
        "none": [adam(end="pass")],
        "one-value": [adam(end="return w"), adam(end="return torch.stack([w, m, v])")],
        "number-of-values": [adam(end="return w, m"), adam(end="return w, m, v, t + 1")],
        "nested": [adam(end="return w, (m, v)")],
        "no-tensor": [adam(end="return w, 0, v"), adam(end="return [w, m, v.tolist()]")],
        "shape": [adam(v="v = beta2 * v.mean() + (1 - beta2) * (g * g).mean()")],
        "exchanged": [adam(end="return w, v, m"), adam(end="return m, v, w")],
        "corrected-returned": [
            adam(end="return w, m_hat, v_hat"),
            adam(m_hat="m = m_hat = m / (1 - beta1**t)", v_hat="v = v_hat = v / (1 - beta2**t)"),
        ],
        "state-not-returned": [
            adam(
                "m1 = beta1 * m + (1 - beta1) * g",
                "v1 = beta2 * v + (1 - beta2) * g**2",
                "m_hat = m1 / (1 - beta1**t)",
                "v_hat = v1 / (1 - beta2**t)",
            )
        ],
        "w-not-moved": [adam(w="new_w = w - lr * m_hat / (v_hat.sqrt() + eps)")],
        "uphill": [adam(w="w = w + lr * m_hat / (v_hat.sqrt() + eps)")],
        "step-no-lr": [adam(w="w = w - m_hat / (v_hat.sqrt() + eps)")],
        "no-correction": [adam(m_hat="m_hat = m", v_hat="v_hat = v")],
        "half-corrected": [adam(m_hat="m_hat = m"), adam(v_hat="v_hat = v")],
        "correction-no-power": [
            adam(m_hat="m_hat = m / (1 - beta1)", v_hat="v_hat = v / (1 - beta2)"),
            adam("t = 1; m = beta1 * m + (1 - beta1) * g"),
        ],
        "correction-power": [
            adam("t = t - 1; m = beta1 * m + (1 - beta1) * g"),
            adam("t += 1; m = beta1 * m + (1 - beta1) * g"),
            adam(m_hat="m_hat = m / (1 - beta1 * t)", v_hat="v_hat = v / (1 - beta2 * t)"),
            adam(m_hat="m_hat = m / (1 - beta1**2)", v_hat="v_hat = v / (1 - beta2**2)"),
            adam(m_hat="m_hat = m / (1 - beta1)**t", v_hat="v_hat = v / (1 - beta2)**t"),
        ],
        "correction-multiplied": [
            adam(m_hat="m_hat = m * (1 - beta1**t)", v_hat="v_hat = v * (1 - beta2**t)"),
            adam(m_hat="m_hat = m / beta1**t", v_hat="v_hat = v / beta2**t"),
        ],
        "correction-other-beta": [
            adam(v_hat="v_hat = v / (1 - beta1**t)"),
            adam(m_hat="m_hat = m / (1 - beta2**t)", v_hat="v_hat = v / (1 - beta1**t)"),
        ],
        "betas-exchanged": [
            adam("beta1, beta2 = beta2, beta1; m = beta1 * m + (1 - beta1) * g"),
            adam("m = beta2 * m + (1 - beta2) * g", "v = beta1 * v + (1 - beta1) * g**2"),
        ],
        "averages-turned": [
            adam("m = (1 - beta1) * m + beta1 * g", "v = (1 - beta2) * v + beta2 * g**2"),
            adam("m = (1 - beta1) * m + beta1 * g"),
        ],
        "no-average": [adam("m = beta1 * m + g", "v = beta2 * v + g**2"), adam("m = beta1 * m + g")],
        "no-memory": [
            adam("m = torch.zeros_like(g); v = torch.zeros_like(g); m = beta1 * m + (1 - beta1) * g"),
            adam("m = (1 - beta1) * g"),
        ],
        "no-square": [
            adam(v="v = beta2 * v + (1 - beta2) * g"),
            adam(v="v = beta2 * v + (1 - beta2) * g.abs()"),
        ],
        "square-of-all": [
            adam(v="v = beta2 * v + ((1 - beta2) * g)**2"),
            adam(v="v = (beta2 * v + (1 - beta2) * g)**2"),
            adam(v="v = beta2 * v + (1 - beta2) * (g**2).sum()"),
        ],
        "m-squared": [adam(v="v = beta2 * v + (1 - beta2) * m**2")],
        "no-root": [adam(w="w = w - lr * m_hat / (v_hat + eps)")],
        "eps-inside": [adam(w="w = w - lr * m_hat / (v_hat + eps).sqrt()")],
        "no-eps": [adam(w="w = w - lr * m_hat / v_hat.sqrt()")],
        "eps-precedence": [
            adam(w="w = w - (lr * m_hat / v_hat.sqrt() + eps)"),
            adam(w="w = w - lr * m_hat / v_hat.sqrt() + eps"),
            adam(w="w -= lr * m_hat / torch.sqrt(v_hat) + eps"),
        ],
        "average-sign": [adam("m = beta1 * m + (1 + beta1) * g"), adam("m = beta1 * m - (1 - beta1) * g")],
        "correction-sign": [adam(v_hat="v_hat = v / (1 + beta2**t)")],
        "root-multiplied": [adam(w="w = w - lr * m_hat * (v_hat.sqrt() + eps)")],
        "upside-down": [adam(w="w = w - lr * (v_hat.sqrt() + eps) / m_hat")],
        "square-for-root": [
            adam(w="w = w - lr * m_hat / (v_hat**2 + eps)"),
            adam(w="w = w - lr * m_hat / (torch.sqrt(v_hat) + eps).sqrt()"),
        ],
        "eps-sign": [adam(w="w = w - lr * m_hat / (v_hat.sqrt() - eps)")],
        "no-division": [
            adam(w="w = w - lr * m_hat"),
            adam(w="w = w - lr * m_hat / (v_hat ** (1 // 2) + eps)"),
        ],
        "no-average-above": [adam(w="w = w - lr / (v_hat.sqrt() + eps)")],
        "no-old-weights": [
            adam(w="w = lr * m_hat / (v_hat.sqrt() + eps)"),
            adam(w="w = -lr * m_hat / (v_hat.sqrt() + eps)"),
        ],
        "weight-decay": [adam(w="w = w * (1 - lr * 0.01) - lr * m_hat / (v_hat.sqrt() + eps)")],
        "root-too-early": [
            adam(v_hat="v_hat = v.sqrt() / (1 - beta2**t)", w="w = w - lr * m_hat / (v_hat + eps)"),
            adam(w="w = w - lr * m_hat / (v.sqrt() + eps) * (1 - beta2**t)"),
        ],
        "precedence": [
            adam(m_hat="m_hat = m / 1 - beta1**t", v_hat="v_hat = v / 1 - beta2**t"),
            adam(m_hat="m_hat = m / 1 - beta1**t"),
            adam(w="w = w - lr * m_hat / (v_hat ** 1/2 + eps)"),
            adam(m_hat="m_hat = (m / 1 - beta1)**t", v_hat="v_hat = (v / 1 - beta2)**t"),
            adam("m = beta1 * m + 1 - beta1 * g"),
            adam("m = beta1 * m + 1 - beta1 * g", "v = beta2 * v + 1 - beta2 * g**2"),
            adam("m = beta1 * (m + (1 - beta1) * g)"),
            adam("m = (beta1 * m + 1 - beta1) * g"),
            adam(w="w = (w - lr * m_hat) / (v_hat.sqrt() + eps)"),
            adam(w="w = w - lr * (m_hat / v_hat.sqrt() + eps)"),
            adam(w="w = (w - lr) * m_hat / (v_hat.sqrt() + eps)"),
        ],
        "eps-before-correction": [
            adam(
                m_hat="rate = lr * (1 - beta2**t)**0.5 / (1 - beta1**t)",
                v_hat="pass",
                w="w = w - rate * m / (v.sqrt() + eps)",
            )
        ],
        "gradient-step": [
            adam(w="w = w - lr * g / (v_hat.sqrt() + eps)"),
            adam(w="w = w - lr * g / (v.sqrt() + eps)"),
        ],
        "m-and-v-exchanged": [adam(w="w = w - lr * v_hat / (m_hat.sqrt() + eps)")],
        "old-averages": [
            adam(
                "m_hat = m / (1 - beta1**t)",
                "v_hat = v / (1 - beta2**t)",
                "m = beta1 * m + (1 - beta1) * g",
                "v = beta2 * v + (1 - beta2) * g**2",
            )
        ],
        "fixed-setting": [
            adam("beta1, beta2, eps = 0.9, 0.999, 1e-8; m = beta1 * m + (1 - beta1) * g"),
            adam(w="w = w - lr * m_hat / (v_hat.sqrt() + 1e-8)"),
            adam(w="w = w - 0.01 * m_hat / (v_hat.sqrt() + eps)"),
        ],
        "wrong-m": [adam("m = beta1 * m + (1 - beta1) * g.sign()")],
        "wrong-v": [adam(v="v = torch.maximum(beta2 * v, g**2)")],
        "wrong-w": [adam(w="w = w - lr * (m_hat / (v_hat.sqrt() + eps)).sign()")],
        "in-place": [
            adam("m.mul_(beta1).add_(g, alpha=1 - beta1)", "v.mul_(beta2).addcmul_(g, g, value=1 - beta2)"),
            adam(w="w -= lr * m_hat / (v_hat.sqrt() + eps)"),
            adam(v="g *= g; v = beta2 * v + (1 - beta2) * g"),
        ],
    },
}
# Two mistakes at once: the first one found is named, and the other shows once that is fixed.
WRONG["adam"]["uphill"].append(
    adam(m_hat="m_hat = m", v_hat="v_hat = v", w="w = w + lr * m_hat / (v_hat.sqrt() + eps)")
)
WRONG["momentum"]["uphill"].append(momentum("v = v + g", "return w + lr * v, v"))

RAISED = {
    "network": {
        "no-function": ["Network = None"],
        "super-init": [network().replace("super().__init__()", "self.net = nn.Tanh()")],
        "name": [network(last="self.net = nn.Sequential(*layer)")],
        "attribute": [network(last="self.layers = nn.Sequential(*layers, nn.Linear(prev_hdim, ydim))")],
        "arguments": [network().replace("(self, xdim, hdims, ydim)", "(self, hdims)")],
        "list-of-layers": [network(last="self.net = nn.Sequential(layers, nn.Linear(prev_hdim, ydim))")],
        "matrix-shapes": [network(forward="return self.net(x.T)")],
        "missing-index": [network("layers += [nn.Linear(hdims[len(layers)], hdim), nn.Tanh()]")],
    },
    "optimizers": {
        "no-parameters": [
            three("torch.optim.SGD(models['SGD'].parameters()[0], lr=lr)").replace(
                ".parameters()[0]", ".weight"
            ),
            three("torch.optim.SGD([models['SGD']], lr=lr)"),
        ],
        "not-iterable": [
            three("torch.optim.SGD(models['SGD'], lr=lr)"),
            three("torch.optim.SGD(models['SGD'].parameters, lr=lr)"),
        ],
        "empty-optimizer": [
            optimizers(
                "p = models['SGD'].parameters()",
                "return [torch.optim.SGD(p, lr=lr), torch.optim.SGD(p, lr=lr)]",
            )
        ],
        "key": [three("torch.optim.SGD(models['sgd'].parameters(), lr=lr)")],
        "module-attribute": [three(momentum=f"torch.optim.Momentum({IN_MOMENTUM})")],
        "attribute": [three("torch.optim.SGD(models.parameters(), lr=lr)")],
        "arguments": [three(adam="torch.optim.Adam(models['Adam'].parameters(), lr=lr, momentum=0.9)")],
    },
    "momentum": {
        "unassigned": [momentum("new_v = beta * new_v + g", "return w - lr * new_v, new_v")],
        "unpack": [momentum("w, v = w", BOTH)],
        "numpy": [momentum(V, W, "return w.numpy(), v.numpy()")],
    },
    "adam": {
        "arguments": ["def adam_step(w, g, m, v): return w, m, v"],
        "not-callable": [adam(m_hat="m_hat = m (1 - beta1**t)")],
        "power": [adam(m_hat="m_hat = m / (1 - beta1^t)")],
        "several-numbers": [adam(w="import math; w = w - lr * m_hat / (math.sqrt(v_hat) + eps)")],
    },
}

RIGHT = {
    "network": [
        network(),
        network("layers += [nn.Linear(prev_hdim, hdim), nn.Tanh()]", NEXT),
        network(
            LINEAR,
            NEXT,
            last="self.layers = nn.ModuleList([*layers, nn.Linear(prev_hdim, ydim)])",
            forward="for layer in self.layers[:-1]: x = torch.tanh(layer(x))\n"
            "        return self.layers[-1](x)",
        ),
        network(
            LINEAR,
            NEXT,
            start="self.out = nn.Linear(hdims[-1], ydim)",
            last="self.hidden = nn.ModuleList(layers); self.act = nn.Tanh()",
            forward="for layer in self.hidden: x = self.act(layer(x))\n        return self.out(x)",
        ),
        network(
            "name = f'lin_{len(layers)}'; layers.append(name)",
            "setattr(self, name, nn.Linear(prev_hdim, hdim))",
            NEXT,
            last="self.names = layers; self.last = nn.Linear(prev_hdim, ydim)",
            forward="for name in self.names: x = getattr(self, name)(x).tanh()\n        return self.last(x)",
        ),
        network(
            *LOOP,
            last="self.layers = layers; self.layers.append(nn.Linear(prev_hdim, ydim)); "
            "self.net = nn.Sequential(*self.layers)",
            start="self.hdims = hdims",
        ),
        network(
            "layers += [nn.LazyLinear(hdim), nn.Tanh()]",
            last="self.net = nn.Sequential(*layers, nn.LazyLinear(ydim))",
        ),
        network(
            "pass",
            last="""w = [xdim, *hdims]
        for a, b in zip(w, w[1:]): layers += [nn.Linear(a, b), nn.Tanh()]
        self.net = nn.Sequential(*layers, nn.Linear(w[-1], ydim))""",
        ),
    ],
    "optimizers": [
        three(),
        optimizers(
            "sgd = torch.optim.SGD(list(models['SGD'].parameters()), lr)",
            "momentum = torch.optim.SGD(params=models['momentum'].parameters(), lr=lr, momentum=0.9)",
            "adam = torch.optim.Adam([{'params': models['Adam'].parameters()}], lr=lr)",
            "return dict(SGD=sgd, momentum=momentum, Adam=adam)",
        ),
        three(
            f"torch.optim.SGD({IN_SGD}, momentum=0, weight_decay=0.0, foreach=False)",
            adam="torch.optim.Adam(models['Adam'].parameters(), lr, (0.9, 0.999), eps=1e-8)",
        ),
        optimizers(
            "from collections import OrderedDict",
            "made = OrderedDict()",
            "for name, model in models.items():",
            "    kind = torch.optim.Adam if name == 'Adam' else torch.optim.SGD",
            "    more = {'momentum': 0.9} if name == 'momentum' else {}",
            "    made[name] = kind(model.parameters(), lr=lr, **more)",
            "return made",
        ),
        three(adam="torch.optim.Adam(models['Adam'].parameters(), lr=torch.tensor(lr))"),
        three(adam="torch.optim.Adam([{'params': [p]} for p in models['Adam'].parameters()], lr)"),
    ],
    "momentum": [
        momentum(V, W, BOTH),
        momentum("new_v = beta * v + g", "new_w = w - lr * new_v", "return new_w, new_v"),
        momentum("v = torch.add(g, v, alpha=beta)", "return [torch.sub(w, v, alpha=lr), v]"),
        momentum("v = v.clone().mul_(beta).add_(g)", "w = w.clone()", "w -= lr * v", BOTH),
        momentum("with torch.no_grad():", "    v = g + v * beta", "    return w - v * lr, v"),
        momentum("w = nn.Parameter(w)", V, W, BOTH),
        momentum("return w - lr * (beta * v + g), beta * v + g"),
    ],
    "adam": [
        adam(),
        adam("m = torch.lerp(g, m, beta1)", "v = torch.lerp(g * g, v, beta2)"),
        adam(
            m_hat="one, two = 1 - beta1**t, 1 - beta2**t",
            v_hat="scale = two**0.5 / one",
            w="w = w - lr * scale * m / (v.sqrt() + eps * two**0.5)",
        ),
        adam(w="w = torch.addcdiv(w, m_hat, torch.sqrt(v_hat) + eps, value=-lr)"),
        adam(m_hat="m_hat = m / (1 - pow(beta1, t))", w="w = w - lr / (v_hat**0.5 + eps) * m_hat"),
        adam(v="v = beta2 * v + (1 - beta2) * g.square()", end="return [w, m, v]"),
    ],
}
